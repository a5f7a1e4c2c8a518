mkfifo spring.yml
