mkdir spring.yaml
