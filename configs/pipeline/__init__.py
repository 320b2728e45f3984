"""What a stage of the pipeline is, its settings, its errors. What a reader tweaks is the YAML in the folders beside."""
