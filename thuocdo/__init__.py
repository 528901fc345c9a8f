"""Thước Đo: the ground (`core`), the stages on it (`store`, `score`, `incidents`, `reports`), and the roof over them."""
