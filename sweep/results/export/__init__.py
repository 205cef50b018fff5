"""Results in the formats of others: CSV, Parquet, TensorBoard, Weights & Biases and Optuna."""
