chmod 000 welcome.yaml
