"""Starting points: whole programs as data, loaded once and never written over."""
