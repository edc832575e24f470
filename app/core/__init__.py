"""What every feature plugs into: the edge, the frame, descriptions, lists, forms. Imports no feature."""
