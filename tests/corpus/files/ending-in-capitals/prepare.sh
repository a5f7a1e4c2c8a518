mv welcome.yaml welcome.YAML
