package flow

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// Fill sets a value for the field whose key is key. Pressing a button posts it. The
// value is kept until the flow moves on, so that after a refusal only the wrong values
// have to be filled in again.
//
//	value  text; for lists a JSON array or values with commas between them; true
//	       or false for a single checkbox; a JSON object where the field posts one; a
//	       phone number also as in +41 79 123 45 67
//
// The error says that the flow is not at a screen, that the screen has no such field,
// or which values the field takes. It does not contain the value.
func (j *Journey) Fill(key, value string) error {
	return j.fill(key, "fill in", func(f *davinci.Field) (string, error) {
		if f.Secret() {
			j.config.Redactor.Add(value)
		}
		return f.Encode(value)
	})
}

// Check checks or unchecks the checkbox whose key is key. Otherwise it is like [Journey.Fill].
func (j *Journey) Check(key string, on bool) error {
	act := "uncheck"
	if on {
		act = "check"
	}
	return j.fill(key, act, func(f *davinci.Field) (string, error) { return f.Check(on) })
}

// Choose chooses an option of the field whose key is key, by its label or value. If the
// field takes several, it adds one to those chosen on this screen. Otherwise it is like
// [Journey.Fill].
func (j *Journey) Choose(key, option string) error {
	return j.fill(key, "choose in", func(f *davinci.Field) (string, error) { return f.Choose(option, j.filled[key]) })
}

// fill notes what encode returns for a field.
func (j *Journey) fill(key, act string, encode func(*davinci.Field) (string, error)) error {
	act += " " + strconv.Quote(key)
	if j.screen == nil {
		return noScreen(j.Last(), act)
	}
	f := j.screen.Field(key)
	if f == nil || !f.Fills() {
		return unknownField(j.screen, act, key)
	}
	raw, err := encode(f)
	if err != nil {
		return fmt.Errorf("flow: %s: %w", act, err)
	}
	j.filled[key] = raw
	if !slices.Contains(j.unsent, Unsent{Key: key}) {
		j.unsent = append(j.unsent, Unsent{Key: key})
	}
	return nil
}

// Press answers the current screen with a button, named by its key or, if no key fits, by its
// label, and returns the hop that came back.
//
// A status of 400 or more is a hop, not an error: a scenario may expect it. The error
// says that the flow is not at a screen or that the screen has no such button, and
// otherwise is that of [Journey.Start].
//
// Source: "Step 2: Execute the next flow action".
func (j *Journey) Press(ctx context.Context, name string) (*Hop, error) {
	if j.screen == nil {
		return nil, noScreen(j.Last(), "press "+strconv.Quote(name))
	}
	b, same := j.screen.Button(name)
	if b == nil {
		return nil, unknownButton(j.screen, name, same)
	}
	return j.press(ctx, b)
}

// Submit presses the only submit button of the screen. It answers a screen without a
// submit button, such as a list of devices or a passkey, with an empty action key.
//
// Source: the next request of the web SDK, which sends "" if no button was pressed.
func (j *Journey) Submit(ctx context.Context) (*Hop, error) {
	if j.screen == nil {
		return nil, noScreen(j.Last(), "submit the form")
	}
	var submit *davinci.Field
	var keys []string
	for i := range j.screen.Fields {
		if f := &j.screen.Fields[i]; f.Submits() {
			submit, keys = f, append(keys, f.Key)
		}
	}
	switch len(keys) {
	case 0:
		return j.leave(ctx, "submit", "")
	case 1:
		return j.press(ctx, submit)
	default:
		return nil, fmt.Errorf("flow: submit the form: the screen %q has several submit buttons, "+
			"press one by its key: %s", j.screen.Name, words.List(keys, 0))
	}
}

// Answer answers an SDK connector, a field of type METADATA. An app posts its result, a
// JSON object, or an error with code and message.
//
// The error is that of [Journey.Fill] or of [Journey.Start], or says that the field
// has another type.
//
// Source: the next request of the web SDK for a METADATA field.
func (j *Journey) Answer(ctx context.Context, key, object string) (*Hop, error) {
	if j.screen == nil {
		return nil, noScreen(j.Last(), "answer "+strconv.Quote(key))
	}
	if f := j.screen.Field(key); f != nil && f.Type != "METADATA" {
		return nil, fmt.Errorf("flow: answer %q: the field has the type %s, want METADATA", key, f.Type)
	}
	if err := j.Fill(key, object); err != nil {
		return nil, err
	}
	return j.leave(ctx, "action", j.submitKey(key))
}

// AnswerPasskey answers the field of the screen that asks to register a passkey, or to
// sign on with one, and sends the form.
//
//	answer  does what is asked and returns what a client posts, a JSON object
//
// The posted value is added to the redactor. The error says that the flow is not at a
// screen or that the screen does not ask for a passkey, or is that of answer or of
// [Journey.Start].
//
// Source: the FIDO2 collectors of the SDKs, which send the form with the key of its submit button, or "".
func (j *Journey) AnswerPasskey(
	ctx context.Context, register bool, answer func(*davinci.PasskeyPrompt) (string, error),
) (*Hop, error) {
	act := "sign on with a passkey"
	if register {
		act = "register a passkey"
	}
	if j.screen == nil {
		return nil, noScreen(j.Last(), act)
	}
	f, prompt, err := j.screen.Prompt(register)
	if err == nil && f == nil {
		err = j.noPrompt(register)
	}
	if err != nil {
		return nil, fmt.Errorf("flow: %s: %w", act, err)
	}
	object, err := answer(prompt)
	if err != nil {
		return nil, fmt.Errorf("flow: %s: %w", act, err)
	}
	j.config.Redactor.Add(davinci.PasskeySecrets(gjson.Parse(object))...)
	if err := j.Fill(f.Key, object); err != nil {
		return nil, err
	}
	return j.leave(ctx, "submit", j.submitKey(""))
}

// noPrompt says that the screen does not ask for a passkey, or for the other thing.
func (j *Journey) noPrompt(register bool) error {
	if f, _, _ := j.screen.Prompt(!register); f != nil {
		asks, other := "to sign on with a passkey", "to register one"
		if !register {
			asks, other = "to register a passkey", "to sign on with one"
		}
		return fmt.Errorf("the screen %q asks %s, and not %s (field %q)", j.screen.Name, asks, other, f.Key)
	}
	return fmt.Errorf("the screen %q does not ask for a passkey", j.screen.Name)
}

// CheckPasskeyError returns an error, with the allowed names, if [Journey.FailPasskey]
// does not accept a name.
func CheckPasskeyError(name string) error {
	all := davinci.WebAuthnErrors()
	if slices.Contains(all, name) {
		return nil
	}
	return fmt.Errorf("%q is not an error of a passkey prompt, want %s%s", name, words.Or(all),
		words.DidYouMean("; ", name, all))
}

// FailPasskey tells the flow that the passkey prompt of the screen failed. The name of the
// error is one of [davinci.WebAuthnErrors]. The error is otherwise that of [Journey.AnswerPasskey].
//
// Source: the web SDK since 2026, which posts the name as an action.
func (j *Journey) FailPasskey(ctx context.Context, name string) (*Hop, error) {
	const act = "end the passkey prompt"
	if j.screen == nil {
		return nil, noScreen(j.Last(), act)
	}
	if err := CheckPasskeyError(name); err != nil {
		return nil, fmt.Errorf("flow: %s: %w", act, err)
	}
	if !j.screen.EndsPrompt(name) {
		return nil, fmt.Errorf("flow: %s: the screen %q does not ask for a passkey", act, j.screen.Name)
	}
	for i := range j.screen.Fields {
		if f := &j.screen.Fields[i]; f.Prompts() {
			delete(j.filled, f.Key)
		}
	}
	return j.leave(ctx, "action", name)
}

// submitKey returns the key of the first button that submits the form, else otherwise.
func (j *Journey) submitKey(otherwise string) string {
	for i := range j.screen.Fields {
		if f := &j.screen.Fields[i]; f.Submits() {
			return f.Key
		}
	}
	return otherwise
}

// Return comes back from an identity provider to which a field of the screen led, and
// posts the continue token of the redirect.
//
//	provider  the type of the provider, such as GOOGLE, or the key or label of its field
//	token     the parameter continueToken of the redirect; it is a secret
//
// The error says that the flow is not at a screen or that the screen leads to no such
// provider, and otherwise is that of [Journey.Start].
//
// Source: the resume request of the SDKs, which carries the token, an empty object and
// cookies.
func (j *Journey) Return(ctx context.Context, provider, token string) (*Hop, error) {
	_, _, err := j.leadTo(provider, "continue token", token)
	switch {
	case err != nil:
		return nil, err
	case j.handle.resume == nil:
		return nil, j.handle.lost
	}
	sent := davinci.Sent{ContinueToken: token}
	x := &davinci.Exchange{Method: http.MethodPost, URL: j.handle.resume, Body: sent.Body()}
	return j.send(ctx, &Hop{Exchange: x}, carried{bearer: token})
}

// ReturnNatively posts a token from the SDK of an identity provider, as a mobile app does. It
// first requests the link of the field, which returns the URL to post to; that is not a hop.
//
//	property  the property that holds the token: see [davinci.NativeToken]
//
// The error is that of [Journey.Return], or says how the link was answered.
//
// Source: see [davinci.NativeToken].
func (j *Journey) ReturnNatively(ctx context.Context, provider, property, token string) (*Hop, error) {
	field, act, err := j.leadTo(provider, property, token)
	if err != nil {
		return nil, err
	}
	to, err := linked(field.Raw.Get("links.authenticate.href").Str, "authenticate", j.authorize)
	if err != nil {
		return nil, err
	}
	x := &davinci.Exchange{Method: http.MethodGet, URL: to}
	if err := j.exchange(ctx, x, carried{}, to.Path); err != nil {
		return nil, err
	}
	answer := davinci.Reader{}.Read(x.Status, nil, x.Response)
	if x.Status != http.StatusOK || !answer.IsObject() {
		return nil, fmt.Errorf("flow: %s: the link of the provider was answered with status %d, want JSON with "+
			"_links.next.href: a provider that signs on only in a browser comes back with a continue token",
			act, x.Status)
	}
	next, err := linked(answer.Property("_links").Get("next.href").Str, "next", j.authorize)
	if err != nil {
		return nil, err
	}
	sent := davinci.Sent{ContinueToken: token, Native: property}
	x = &davinci.Exchange{Method: http.MethodPost, URL: next, Body: sent.Body()}
	return j.send(ctx, &Hop{Exchange: x}, carried{})
}

// leadTo returns the field of the screen that leads to a provider, and what is done for
// errors. The token is a secret from then on.
func (j *Journey) leadTo(provider, kind, token string) (field *davinci.Field, act string, err error) {
	act = "return from " + strconv.Quote(provider)
	if j.screen == nil {
		return nil, act, noScreen(j.Last(), act)
	}
	field, types := j.screen.Provider(provider)
	switch {
	case len(types) == 0:
		err = fmt.Errorf("flow: %s: the screen %q has no button of an identity provider", act, j.screen.Name)
	case field == nil && slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, provider) }):
		err = fmt.Errorf("flow: %s: the screen %q leads to it with several fields, name one by its key "+
			"or its label", act, j.screen.Name)
	case field == nil:
		err = fmt.Errorf("flow: %s: the screen %q does not lead to it, it leads to %s%s",
			act, j.screen.Name, words.List(types, 0), words.DidYouMean("; ", provider, types))
	case token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		want := ""
		if kind == "continue token" {
			want = ": want the value of continueToken in the redirect"
		}
		name := cmp.Or(map[string]string{"idToken": "ID token", "accessToken": "access token"}[kind], kind)
		err = fmt.Errorf("flow: %s: the %s is empty or has a character that no token has%s", act, name, want)
	default:
		j.config.Redactor.Add(token)
	}
	return field, act, err
}

// press posts what was filled in together with the button.
func (j *Journey) press(ctx context.Context, b *davinci.Field) (*Hop, error) {
	eventType := "action"
	if b.Submits() {
		eventType = "submit"
	}
	return j.leave(ctx, eventType, b.Key)
}

// leave posts what was filled in, with the key of a button.
func (j *Journey) leave(ctx context.Context, eventType, action string) (*Hop, error) {
	j.unsent = slices.DeleteFunc(j.unsent, func(u Unsent) bool { return !u.Lost })
	return j.post(ctx, eventType, action, j.screen.FormData(j.filled, eventType == "submit"))
}

// post sends one next request.
func (j *Journey) post(ctx context.Context, eventType, action, formData string) (*Hop, error) {
	h := &j.handle
	if h.next == nil {
		return nil, h.broken
	}
	sent := davinci.Sent{
		NodeID: h.nodeID, EventName: h.eventName, InteractionID: h.interactionID,
		EventType: eventType, Action: action, FormData: gjson.Parse(formData),
	}
	x := &davinci.Exchange{Method: http.MethodPost, URL: h.next, Body: sent.Body()}
	return j.send(ctx, &Hop{Exchange: x, Action: action}, carried{interactionID: h.interactionID, token: h.token})
}

// An Unsent is a field that was filled in and whose value was not sent.
type Unsent struct {
	Key string

	// Lost says that the flow has left the screen, so no request will send the value.
	// Otherwise pressing the next button sends it.
	Lost bool
}

// Unsent returns the values that were filled in and not sent, in the order in which
// they were filled in. A poll sends none of them. The slice is the journey's.
func (j *Journey) Unsent() []Unsent { return j.unsent }
