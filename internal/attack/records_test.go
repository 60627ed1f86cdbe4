package attack_test

func records() []row { return nil }
