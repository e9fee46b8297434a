/**
 * google.script.run and google.script.host inside the sidebar's frame, with the rules of the real ones:
 * plain values only, copied both ways; at most ten calls at once; answers in any order; failures
 * without a stack. The server puts the names of the callable functions and the page's origin in front.
 */
(function (functions, pageOrigin) {
  'use strict';

  const AT_ONCE = 10;
  const SLOWEST_EXTRA_MS = 120;
  const waiting = [];
  const flying = new Map();
  let nextId = 1;

  /** Throws what Google throws for values that cannot travel. */
  function refuseIllegal(value) {
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint' ||
        value instanceof Date || value instanceof Node) {
      throw new TypeError('Failed due to illegal value in property: ' + typeof value);
    }
    if (value && typeof value === 'object') Object.values(value).forEach(refuseIllegal);
  }

  function dispatch() {
    while (flying.size < AT_ONCE && waiting.length) {
      const call = waiting.shift();
      flying.set(call.id, call);
      window.parent.postMessage(
          {appsScript: 1, id: call.id, name: call.name, args: call.args}, pageOrigin);
    }
  }

  function finish(call, answer) {
    if (answer.ok) {
      if (call.success) call.success(answer.value, call.userObject);
    } else if (call.failure) {
      call.failure(new Error(answer.error), call.userObject);
    }
  }

  window.addEventListener('message', (event) => {
    if (event.source !== window.parent || event.origin !== pageOrigin) return;
    if (!event.data || event.data.appsScript !== 1 || !flying.has(event.data.id)) return;
    const call = flying.get(event.data.id);
    setTimeout(() => {
      flying.delete(call.id);
      dispatch();
      finish(call, event.data);
    }, Math.random() * SLOWEST_EXTRA_MS);
  });

  function runner(handlers) {
    const made = {
      withSuccessHandler: (success) => runner({...handlers, success}),
      withFailureHandler: (failure) => runner({...handlers, failure}),
      withUserObject: (userObject) => runner({...handlers, userObject}),
    };
    for (const name of functions) {
      made[name] = (...args) => {
        args.forEach(refuseIllegal);
        const copied = JSON.parse(JSON.stringify(args));
        waiting.push({...handlers, id: nextId, name, args: copied});
        nextId += 1;
        dispatch();
      };
    }
    return made;
  }

  const close = () => window.parent.postMessage({appsScript: 1, host: 'close'}, pageOrigin);
  window.google = {script: {run: runner({}), host: {close, editor: {focus() {}}}}};
})
