print("virtmem")
