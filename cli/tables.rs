//! The two tables, as `template.yaml` declares them, made on a local engine.
