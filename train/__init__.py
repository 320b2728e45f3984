"""The room of learning: one file per stage, and the few parts that the stages share. Imports `configs` and `data`."""
