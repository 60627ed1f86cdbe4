package keys_test

import (
	"errors"
	"fmt"

	"github.com/sealkin/sealkin/keys"
)

// must stands for an app's way to handle errors.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Somebody signs up, and opens the account on another day. The server keeps
// one record, and compares revisions when it stores the next one.
func Example_signUpAndUnlock() {
	who := keys.Login{Service: "notes.example", Name: "Jane"}
	cost := keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 2} // an app takes keys.Cost{}, or what Calibrate says

	credential := must(keys.NewPassphrase(who, "correct horse battery staple", cost, nil))
	account := keys.NewAccount(credential)
	stored := account.Locked().Bytes() // to the server

	// Another day. Package srp logs in, and brings params and record.
	locked := must(keys.ParseLockedAccount(stored, nil)) // nil: this device has seen none before
	credential = must(locked.Params().Stretch(who, "correct horse battery staple", nil))
	jane := must(locked.Unlock(credential))
	fmt.Println("the same account:", jane.ID() == account.ID())

	wrong := must(locked.Params().Stretch(who, "correct horse battery stable", nil))
	_, err := locked.Unlock(wrong)
	fmt.Println("wrong passphrase:", errors.Is(err, keys.ErrOpen))
	// Output:
	// the same account: true
	// wrong passphrase: true
}

// The passphrase is lost. A code on paper logs in, opens, and sets another one;
// the code itself is used up, and replaced.
func Example_lostPassphrase() {
	who := keys.Login{Service: "notes.example", Name: "jane"}
	cost := keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 2}
	account := keys.NewAccount(must(keys.NewPassphrase(who, "forgotten", cost, nil)))
	code := keys.NewCode()
	account = must(account.Add("recovery sheet", code.Credential()))
	stored, paper := account.Locked().Bytes(), code.Show()

	// Years later. A typing error is told, with its group, before anything is tried.
	_, err := keys.ParseCode("x" + paper[:len(paper)-1])
	fmt.Println("typing error:", errors.Is(err, keys.ErrMalformed))
	typed := must(keys.ParseCode(paper))
	locked := must(keys.ParseLockedAccount(stored, nil))
	jane := must(locked.Unlock(typed.Credential()))

	jane = must(jane.Remove("recovery sheet"))
	jane = must(jane.Add("recovery sheet", keys.NewCode().Credential()))
	jane = must(jane.SetPassphraseAndRotate(must(keys.NewPassphrase(who, "one I remember", cost, nil))))
	for _, slot := range jane.Locked().Slots() {
		fmt.Println(slot.Kind, "–", slot.Label)
	}
	_, err = jane.Locked().Unlock(typed.Credential())
	fmt.Println("the used code opens nothing:", errors.Is(err, keys.ErrOpen))
	// Output:
	// typing error: true
	// passphrase – passphrase
	// code – recovery sheet
	// the used code opens nothing: true
}

// A phone becomes a way in of its own, by a secret that its keychain keeps. When
// it is stolen, any other way in removes it.
func Example_newDevice() {
	who := keys.Login{Service: "notes.example", Name: "jane"}
	cost := keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 2}
	laptop := keys.NewAccount(must(keys.NewPassphrase(who, "correct horse", cost, nil)))

	// On the phone, once, with the passphrase. The keychain would draw the secret.
	phone := keys.Device([32]byte{1, 2, 3})
	locked := must(keys.ParseLockedAccount(laptop.Locked().Bytes(), nil))
	onPhone := must(locked.Unlock(must(locked.Params().Stretch(who, "correct horse", nil))))
	onPhone = must(onPhone.Add("Jane's phone", phone))
	stored := must(locked.Next(onPhone.Locked().Bytes())) // the server's check, and compare-and-set

	// The laptop hears of it.
	laptop = must(laptop.Update(stored.Bytes()))
	fmt.Println("revision", laptop.Locked().Revision())

	// The phone is stolen.
	laptop = must(laptop.RemoveAndRotate("Jane's phone"))
	_, err := laptop.Locked().Unlock(phone)
	fmt.Println("the phone is out:", errors.Is(err, keys.ErrMismatch))
	// Output:
	// revision 2
	// the phone is out: true
}

// The passphrase changes. Other devices notice by the parameters, and nobody
// goes back to the old record.
func Example_changePassphrase() {
	who := keys.Login{Service: "notes.example", Name: "jane"}
	cost := keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 2}
	before := keys.NewAccount(must(keys.NewPassphrase(who, "old", cost, nil)))
	after := must(before.SetPassphrase(must(keys.NewPassphrase(who, "new", cost, nil))))

	old := must(before.Locked().Params().Stretch(who, "old", nil))
	_, err := after.Locked().Unlock(old)
	fmt.Println("stretch again:", errors.Is(err, keys.ErrParams))
	_, err = keys.ParseLockedAccount(before.Locked().Bytes(), after.Locked())
	fmt.Println("the old record:", errors.Is(err, keys.ErrRollback))

	// Who fears that the old passphrase leaked changes the keys as well.
	after = must(before.SetPassphraseAndRotate(must(keys.NewPassphrase(who, "new", cost, nil))))
	fmt.Println("epoch", after.Identity().Epoch())
	// Output:
	// stretch again: true
	// the old record: true
	// epoch 1
}

// Bob is let in if Jane can't any more. The server decides when he gets the
// record; until then he has nothing.
func Example_emergencyContact() {
	jane, bob := keys.NewAccount(keys.Device([32]byte{1})), keys.NewAccount(keys.Device([32]byte{2}))

	// They compared each other's ids.
	bobsKeys := must(keys.ParseIdentity(bob.Identity().Bytes(), bob.ID(), nil))
	jane = must(jane.AddTrustee("my brother", bobsKeys))

	// The day has come.
	locked := must(keys.ParseLockedAccount(jane.Locked().Bytes(), nil))
	opened := must(locked.UnlockAsTrustee(bob, jane.ID()))
	fmt.Println("Bob opens Jane's account:", opened.ID() == jane.ID())

	_, err := locked.UnlockAsTrustee(keys.NewAccount(keys.Device([32]byte{3})), jane.ID())
	fmt.Println("nobody else:", errors.Is(err, keys.ErrMismatch))
	// Output:
	// Bob opens Jane's account: true
	// nobody else: true
}

// Defaults rise over the years. The passphrase is at hand at login, so that is
// the time to make it dearer.
func Example_raiseCost() {
	who := keys.Login{Service: "notes.example", Name: "jane"}
	cheap := keys.Cost{Memory: 19 << 10, Passes: 2, Lanes: 2} // of another time
	stored := keys.NewAccount(must(keys.NewPassphrase(who, "correct horse", cheap, nil))).Locked()

	jane := must(stored.Unlock(must(stored.Params().Stretch(who, "correct horse", nil))))
	if stored.Params().Outdated() {
		dearer := must(keys.NewPassphrase(who, "correct horse", keys.Cost{}, nil))
		jane = must(jane.SetPassphrase(dearer))
	}
	fmt.Println(jane.Locked().Params().Cost())

	// It does not get cheaper again by itself.
	_, err := jane.SetPassphrase(must(keys.NewPassphrase(who, "correct horse", cheap, nil)))
	fmt.Println("cheaper:", errors.Is(err, keys.ErrParams))
	_, err = keys.ParseParams(stored.Params().Bytes(), jane.Locked().Params())
	fmt.Println("the old parameters:", errors.Is(err, keys.ErrParams))
	// Output:
	// {65536 3 4 0}
	// cheaper: true
	// the old parameters: true
}
