// HtmlService: templates whose printed values are escaped by where they stand in the page.
'use strict';

class HtmlOutputStandIn {
  constructor(content) {
    this.content = content;
    this.title = '';
  }
  getContent() {
    return this.content;
  }
  getTitle() {
    return this.title;
  }
  setTitle(title) {
    this.title = String(title);
    return this;
  }
  append(more) {
    this.content += more;
    return this;
  }
}

// Values meet HTML text and attributes as entities, scripts as a JavaScript literal.
function escapeForHtml(value) {
  return String(value ?? '').replace(
      /[&<>"'`]/g, (one) => '&#' + one.charCodeAt(0) + ';');
}

function escapeForScript(value) {
  return JSON.stringify(value ?? null).replace(
      /[<>&\u2028\u2029]/g, (one) => '\\u' + one.charCodeAt(0).toString(16).padStart(4, '0'));
}

function standsInScript(before) {
  const open = before.toLowerCase().lastIndexOf('<script');
  return open > before.toLowerCase().lastIndexOf('</script');
}

class HtmlTemplateStandIn {
  constructor(source) {
    Object.defineProperty(this, 'source', {value: source, enumerable: false});
  }

  getCode() {
    const source = this.source;
    const lines = ['const out = [];'];
    let position = 0;
    for (const found of source.matchAll(/<\?(!?=)?([\s\S]*?)\?>/g)) {
      const before = source.slice(0, found.index);
      lines.push('out.push(' + JSON.stringify(source.slice(position, found.index)) + ');');
      const code = found[2].trim().replace(/;$/, '');
      if (found[1] === '=') {
        const escape = standsInScript(before) ? 'escapeForScript' : 'escapeForHtml';
        lines.push('out.push(' + escape + '(' + code + '));');
      } else {
        lines.push(found[1] ? 'out.push(String((' + code + ') ?? \'\'));' : code);
      }
      position = found.index + found[0].length;
    }
    lines.push('out.push(' + JSON.stringify(source.slice(position)) + ');', 'return out.join(\'\');');
    return lines.join('\n');
  }

  evaluate() {
    const names = Object.keys(this);
    const render = new Function(...names, this.getCode());
    return new HtmlOutputStandIn(render(...names.map((name) => this[name])));
  }
}

var HtmlService = {
  createHtmlOutput(content = '') {
    return new HtmlOutputStandIn(String(content));
  },
  createHtmlOutputFromFile(name) {
    return new HtmlOutputStandIn(askHost('projectFile', name));
  },
  createTemplate(source) {
    return new HtmlTemplateStandIn(String(source));
  },
  createTemplateFromFile(name) {
    return new HtmlTemplateStandIn(askHost('projectFile', name));
  },
};
