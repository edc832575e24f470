"""Demo: two invented firms with a year behind them, for ./run. Imports signup and the features it fills."""
