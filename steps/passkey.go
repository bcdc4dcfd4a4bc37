package steps

import (
	"context"
	"errors"
	"strconv"

	"flowtest/steps/davinci"
	"flowtest/steps/generated"
	"flowtest/steps/words"
)

const authenticatorExample = `Given the user has an authenticator`

func passkeys(v *vocabulary) {
	v.area = "Passkeys"
	v.Given(`^the user has an authenticator$`, hasAuthenticator,
		"Gives the user an authenticator in software, without a passkey. It lasts as long as the scenario, "+
			"through all its journeys.",
		authenticatorExample)
	v.When(`^I register a passkey$`, registerPasskey,
		"Makes a passkey as the screen asks, with the authenticator of the user, and sends the form.",
		`When I register a passkey`)
	v.When(`^I sign on with a passkey$`, signOnWithPasskey,
		"Signs what the screen asks with a passkey of the user's authenticator, and sends the form.",
		`When I sign on with a passkey`)
	v.When(`^I cancel the passkey prompt$`, cancelPasskey,
		"Ends the passkey prompt of the screen as a person does who cancels it: the flow gets a NotAllowedError.",
		`When I cancel the passkey prompt`)
	v.When(`^the passkey prompt fails with "([^"]*)"$`, failPasskey,
		"Ends the passkey prompt of the screen with an error of the browser, such as TimeoutError or "+
			"InvalidStateError.",
		`When the passkey prompt fails with "TimeoutError"`, browserError)
	v.Then(`^the authenticator has (\d+) passkeys?$`, hasPasskeys,
		"The authenticator of the user has that many passkeys.",
		`Then the authenticator has 1 passkey`, number)
	v.Then(`^the authenticator has (\d+) passkeys? for "([^"]*)"$`, hasPasskeysFor,
		"The authenticator of the user has that many passkeys for a relying party, named by its id, a domain.",
		`Then the authenticator has 1 passkey for "example.com"`, number, relyingParty)
}

func hasAuthenticator(w *World) error {
	name := w.UserName()
	if w.devices == nil {
		w.devices = map[string]*generated.Authenticator{}
	}
	if w.devices[name] == nil { // else a Background gave it
		w.devices[name] = &generated.Authenticator{}
	}
	return nil
}

// authenticator returns that of the user.
func (w *World) authenticator() (*generated.Authenticator, error) {
	a := w.devices[w.UserName()]
	if a == nil {
		return nil, errors.New("the user " + strconv.Quote(w.UserName()) + " has no authenticator: write " +
			quoted(authenticatorExample) + " before this step")
	}
	return a, nil
}

func registerPasskey(ctx context.Context, w *World) error { return answerPasskey(ctx, w, true) }

func signOnWithPasskey(ctx context.Context, w *World) error { return answerPasskey(ctx, w, false) }

func answerPasskey(ctx context.Context, w *World, register bool) error {
	a, err := w.authenticator()
	if err != nil {
		return err
	}
	_, err = w.Journey.AnswerPasskey(ctx, register, func(p *davinci.PasskeyPrompt) (string, error) {
		return a.Answer(p, w.config.Origin)
	})
	return err
}

func cancelPasskey(ctx context.Context, w *World) error {
	return failPasskey(ctx, w, davinci.WebAuthnErrors()[0])
}

func failPasskey(ctx context.Context, w *World, name string) error {
	_, err := w.Journey.FailPasskey(ctx, name)
	return err
}

func hasPasskeys(w *World, want string) error { return hasPasskeysFor(w, want, "") }

func hasPasskeysFor(w *World, want, rp string) error {
	a, err := w.authenticator()
	if err != nil {
		return err
	}
	got := a.Count(rp)
	if n, err := strconv.Atoi(want); err == nil && n == got {
		return nil
	}
	of := ""
	if rp != "" {
		of = " for " + strconv.Quote(rp)
	}
	return rejected(w, "the authenticator has %s%s, want %s", words.Count(got, "passkey"), of, want)
}
