"""The grid as data: parameters, expansion, names, identity, conditions, the report as text.

Pure: no clock, no process, no disk. Only `yaml_file` and `spec*` know YAML.
"""
