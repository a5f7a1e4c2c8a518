mkdir .others
ln -s .others more
