"""How the shipped face networks are made: train, train_second, slim, tune (docs/model-card.md). A gate needs none."""
