sed 's/: welcome/: goodbye/' welcome.yaml > Welcome.yaml
