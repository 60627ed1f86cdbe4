package attack_test

func login() []row { return nil }
