mkdir spring
chmod 000 spring
