package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
	"flowtest/steps/words"
)

const authenticatorExample = `Given the user has an authenticator`

func passkeys(v *vocabulary) {
	v.area = "Passkeys"
	v.Given(`^the user has an authenticator$`, hasAuthenticator,
		"Gives the user a software authenticator without a passkey. It lasts as long as the scenario, "+
			"through all its journeys.",
		authenticatorExample, gives(equipped))
	v.When(`^I register a passkey$`, registerPasskey,
		"Makes a passkey as the screen asks, with the authenticator of the user, and sends the form.",
		`When I register a passkey`, needs(equipped))
	v.When(`^I sign on with a passkey$`, signOnWithPasskey,
		"Signs what the screen asks with a passkey of the user's authenticator, and sends the form.",
		`When I sign on with a passkey`, needs(equipped))
	v.When(`^I cancel the passkey prompt$`, cancelPasskey,
		"Cancels the passkey prompt of the screen, as a person can: the flow gets a NotAllowedError.",
		`When I cancel the passkey prompt`)
	v.When(`^the passkey prompt fails with "([^"]*)"$`, failPasskey,
		"Ends the passkey prompt of the screen with an error of the browser, such as TimeoutError or "+
			"InvalidStateError.",
		`When the passkey prompt fails with "TimeoutError"`, browserError)
	v.Then(`^the authenticator has (\d+) passkeys?$`, hasPasskeys,
		"The authenticator of the user has that many passkeys.",
		`Then the authenticator has 1 passkey`, number, needs(equipped))
	v.Then(`^the authenticator has (\d+) passkeys? for "([^"]*)"$`, hasPasskeysFor,
		"The authenticator of the user has that many passkeys for a relying party, named by its id, a domain.",
		`Then the authenticator has 1 passkey for "example.com"`, number, relyingParty, needs(equipped))
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

// does notes what a sentence does. Each user has an authenticator or none.
func (o *Order) does(d *Definition, text string) {
	o.done = o.done&^d.undoes | d.gives
	switch {
	case d.gives&equipped != 0:
		o.equipped = append(o.equipped, cmp.Or(o.user, DefaultUser))
	case d.undoes&equipped != 0:
		o.user = newUserExample // which is no name
		o.equipped = slices.DeleteFunc(o.equipped, func(name string) bool { return name == o.user })
	case slices.Contains(d.Params, UserName):
		for _, v := range d.Values(text, nil) {
			o.user = v.Text
		}
		if o.done &^= equipped; slices.Contains(o.equipped, o.user) {
			o.done |= equipped
		}
	}
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

// A Message describes what a flow sends to a person.
type Message struct {
	Text  bool      // a text message, and otherwise an email
	Since time.Time // when the request that caused it began; older messages do not count
	Flow  string    // the name of the flow
	Field string    // the key of the field that takes the code

	// Device is the type of the device that the journey chose last, such as EMAIL or SMS, and ""
	// if it chose none.
	Device string
}

func codesOf(v *vocabulary) {
	v.area = "Codes and links"
	v.When(`^I fill in "([^"]*)" with the TOTP code$`, fillTOTP,
		"Fills in a field with the code of the user's authenticator app, which is computed from the attribute totp. "+
			"No code is used twice: live, the step waits for the next one.",
		`When I fill in "otp" with the TOTP code`, FieldKey)
	v.When(`^I fill in "([^"]*)" with the code from the email$`, fillEmailCode,
		"Waits for the email that the flow sent to the user with its last screen, and fills in a field with the code "+
			"in it. A live target needs mail.",
		`When I fill in "otp" with the code from the email`, FieldKey)
	v.When(`^I fill in "([^"]*)" with the code from the text message$`, fillTextCode,
		"Waits for the text message that the flow sent to the user with its last screen, and fills in a field with "+
			"the code in it. A live target needs sms.",
		`When I fill in "otp" with the code from the text message`, FieldKey)
	v.When(`^I open the link from the email$`, openEmailLink,
		"Waits for the email that the flow sent to the user with its last screen, and opens the link in it. "+
			"The flow notices it when the screen polls.",
		`When I open the link from the email`)
}

func fillTOTP(ctx context.Context, w *World, key string) error {
	code, err := w.attribute(ctx, generated.TOTP)
	if err != nil {
		return fmt.Errorf("no TOTP code: %w", err)
	}
	return fill(w, key, code)
}

func fillEmailCode(ctx context.Context, w *World, key string) error {
	return fillCode(ctx, w, key, false)
}

func fillTextCode(ctx context.Context, w *World, key string) error {
	return fillCode(ctx, w, key, true)
}

func fillCode(ctx context.Context, w *World, key string, text bool) error {
	t, p, m, err := awaited(w, text)
	if err != nil {
		return err
	}
	m.Field = key
	code, err := t.Code(ctx, p, m)
	if err != nil {
		return err
	}
	w.redactor.Add(code)
	if w.received == nil {
		w.received = map[string]string{}
	}
	w.received[code] = "user.otp"
	return fill(w, key, code)
}

func openEmailLink(ctx context.Context, w *World) error {
	t, p, m, err := awaited(w, false)
	if err != nil {
		return err
	}
	return t.OpenLink(ctx, p, m)
}

// awaited describes the message that the last screen is about.
func awaited(w *World, text bool) (Tenant, Person, Message, error) {
	t, err := w.tenant()
	if err != nil {
		return nil, Person{}, Message{}, err
	}
	p, err := w.whom()
	m := Message{Text: text, Flow: w.driving.Flow, Device: chosenDevice(w.Journey.Hops())}
	// The last hop that is not a refusal and no poll led to the screen.
	for _, h := range w.Journey.Hops() {
		if h.Outcome == davinci.Paused {
			m.Since = h.Exchange.Began
		}
	}
	switch {
	case err != nil:
	case m.Since.IsZero():
		err = errors.New("the flow has not paused at a screen yet, so it sent no message")
	case text && p.Phone == "":
		err = fmt.Errorf("the user %s has no phone, want the number to which the flow sends", p.called())
	case !text && p.Email == "":
		err = fmt.Errorf("the user %s has no email, want the address to which the flow sends", p.called())
	}
	return t, p, m, err
}

// deviceTypes are the types of devices that PingOne has.
var deviceTypes = []string{
	"EMAIL", "SMS", "VOICE", "WHATSAPP", "TOTP", "MOBILE", "FIDO2", "PLATFORM", "SECURITY_KEY", "OATH_TOKEN",
}

// deviceTypeKnown says that a type is likely to be a misspelt one.
func deviceTypeKnown(kind string) error {
	upper := strings.ToUpper(kind)
	if near := words.Nearest(upper, deviceTypes); near != "" && !slices.Contains(deviceTypes, upper) {
		return fmt.Errorf("%q is not a type of a device, did you mean %q?", kind, near)
	}
	return nil
}

// chosenDevice returns the type of the device that was chosen last, "" if none was.
func chosenDevice(hops []*flow.Hop) (kind string) {
	for _, h := range hops {
		if h.Outcome == davinci.Refused || len(h.Exchange.Body) == 0 {
			continue
		}
		davinci.ReadSent(gjson.ParseBytes(h.Exchange.Body)).FormData.ForEach(func(_, value gjson.Result) bool {
			for _, named := range []gjson.Result{value.Get("type"), value} {
				if slices.Contains(deviceTypes, named.Str) {
					kind = named.Str
				}
			}
			return true
		})
	}
	return kind
}
