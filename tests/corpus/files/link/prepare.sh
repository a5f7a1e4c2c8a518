ln -s welcome.yaml spring.yaml
