"""How the shipped face network is made: `python -m training.train --help`. Not needed to run a gate."""
