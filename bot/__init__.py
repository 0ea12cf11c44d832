"""心驿 (Xinyi): a first-line psychological support assistant for Chinese workers."""
