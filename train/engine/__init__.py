"""The machinery behind the stages: trainers, saving, guards, opening and publishing models, what makes it fast."""
