"""What leaves for addresses that people gave us: posts and mails. The other folder with httpx."""
