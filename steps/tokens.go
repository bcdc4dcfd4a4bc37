package steps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// An app is what the application has once the flow has completed.
type app struct {
	tokens *flow.Tokens  // nil before the code is exchanged
	info   *gjson.Result // nil before it is asked for
	active *bool         // nil before the token is introspected
	again  *secondTime   // nil before the code is exchanged a second time
}

// A secondTime is how the service answered the second exchange of a code.
type secondTime struct {
	refused *flow.RefusedError // nil if it gave tokens
}

// deeds are what was done in a scenario that later sentences are about.
type deeds uint8

const (
	exchanged deeds = 1 << iota
	askedInfo
	introspected
	exchangedAgain
	equipped // with an authenticator
)

// What a sentence does, what it needs that was done, and what has to be done again after it.
type (
	gives  deeds
	needs  deeds
	undoes deeds
)

func (g gives) describe(d *Definition)  { d.gives = deeds(g) }
func (n needs) describe(d *Definition)  { d.needs = deeds(n) }
func (u undoes) describe(d *Definition) { d.undoes = deeds(u) }

// done returns what was done of what a sentence may need.
func (a *app) done() (d deeds) {
	if a.tokens != nil {
		d |= exchanged
	}
	if a.info != nil {
		d |= askedInfo
	}
	if a.active != nil {
		d |= introspected
	}
	if a.again != nil {
		d |= exchangedAgain
	}
	return d
}

// What is done again once there are other tokens, or none.
const aboutTokens = undoes(askedInfo | introspected)

const exchangesExample = `When I exchange the code for tokens`

func tokens(v *vocabulary) {
	v.area = "Tokens, to the end of the sign-on"
	v.When(`^I exchange the code for tokens$`, exchange,
		"Exchanges the code with which the flow completed for tokens, and checks the ID token: its signature, iss, "+
			"aud, exp, nonce and, if it has one, at_hash. The requests of the app are not hops.",
		exchangesExample, gives(exchanged), aboutTokens|undoes(exchangedAgain))
	v.When(`^I exchange the code a second time$`, exchangeAgain,
		"Sends the exchanged code again, as an attacker who has read it would. A service that refuses it may "+
			"revoke the tokens of the first exchange.",
		exchangesAgainExample, needs(exchanged), gives(exchangedAgain), aboutTokens)
	v.Then(`^the code is refused with "([^"]*)"$`, codeIsRefused,
		"The second exchange of the code was refused with this OAuth error code: invalid_grant for a code that was "+
			"already used.",
		`Then the code is refused with "invalid_grant"`, oauthError, needs(exchangedAgain))
	v.Then(`^the ID token has:$`, idTokenHas,
		"The ID token has these claims at these gjson paths. A value that is not JSON is text.",
		"Then the ID token has:\n  | path               | value            |\n"+
			"  | preferred_username | ${user.username} |",
		propertyColumns(otherPath), needs(exchanged))
	v.Then(`^the access token has:$`, accessTokenHas,
		"The access token, which must be a JWT, has these claims at these gjson paths. Its signature is not checked, "+
			"because it is meant for a service and not for the app.",
		"Then the access token has:\n  | path  | value  |\n  | scope | openid |",
		propertyColumns(otherPath), needs(exchanged))
	v.When(`^I ask for the user info$`, askUserInfo,
		"Asks for the claims of the user with the access token. They must be about the user of the ID token.",
		`When I ask for the user info`, needs(exchanged), gives(askedInfo))
	v.Then(`^the user info has:$`, userInfoHas,
		"The last user info has these claims at these gjson paths.",
		"Then the user info has:\n  | path               | value            |\n"+
			"  | preferred_username | ${user.username} |",
		propertyColumns(otherPath), needs(askedInfo))
	v.When(`^I refresh the tokens$`, refresh,
		"Gets new tokens for the refresh token. Their ID token is checked as the first one was.",
		`When I refresh the tokens`, needs(exchanged), aboutTokens)
	v.When(`^I introspect the token$`, introspect,
		"Requests the state of the access token.",
		`When I introspect the token`, needs(exchanged), gives(introspected))
	v.Then(`^the token is active$`, isActive,
		"The access token was active at its last introspection.",
		`Then the token is active`, needs(introspected))
	v.Then(`^the token is not active$`, isInactive,
		"The access token was not active at its last introspection, for example because it was revoked.",
		`Then the token is not active`, needs(introspected))
	v.When(`^I revoke the token$`, revoke,
		"Revokes the access token.",
		`When I revoke the token`, needs(exchanged))
	v.When(`^I sign off$`, signOff,
		"Ends the session of the browser, and that of the ID token if there is one.",
		`When I sign off`)
}

// What a sentence says that needs another before it.
var (
	errNoTokens = fmt.Errorf("there are no tokens: write %s before this step", quoted(exchangesExample))
	errNoInfo   = errors.New(`there is no user info: write "When I ask for the user info" before this step`)
	errNoDevice = fmt.Errorf("the user has no authenticator: write %s before this step", quoted(authenticatorExample))
	errNotAgain = fmt.Errorf("the code was not exchanged a second time: write %s before this step",
		quoted(exchangesAgainExample))
	errUnasked = errors.New(`the token was not introspected: write "When I introspect the token" before this step`)
)

func exchange(ctx context.Context, w *World) error {
	t, err := w.Journey.Tokens(ctx)
	if err == nil {
		w.app = app{tokens: t}
	}
	return err
}

const exchangesAgainExample = `When I exchange the code a second time`

func exchangeAgain(ctx context.Context, w *World) error {
	_, err := w.Journey.Tokens(ctx)
	refused, ok := errors.AsType[*flow.RefusedError](err)
	if err != nil && !ok {
		return err
	}
	w.app = app{tokens: w.app.tokens, again: &secondTime{refused}}
	return nil
}

func codeIsRefused(w *World, want string) error {
	switch refused := w.app.again.refused; {
	case refused == nil:
		return fmt.Errorf("the second exchange of the code gave tokens, want it refused with %q: "+
			"a code is good for one exchange", want)
	case refused.Code != want:
		return fmt.Errorf("the code is refused with status %d, %q, want %q", refused.Status, refused.Code, want)
	}
	return nil
}

func idTokenHas(w *World, rows []row) error {
	claims := w.app.tokens.ID()
	if !claims.Exists() {
		return errors.New("there is no ID token: it is issued if the scopes of the target have openid")
	}
	return claimsAre(w, "the ID token", claims, rows)
}

func accessTokenHas(w *World, rows []row) error {
	claims, err := w.app.tokens.Access()
	if err != nil {
		return err
	}
	return claimsAre(w, "the access token", claims, rows)
}

func userInfoHas(w *World, rows []row) error {
	return claimsAre(w, "the user info", *w.app.info, rows)
}

// mostNear is how many claims are named in place of one that is not there.
const mostNear = 5

// claimsAre compares claims with the rows of a table.
func claimsAre(w *World, what string, claims gjson.Result, rows []row) error {
	var differs []string
	for _, r := range rows {
		got, want := claims.Get(r["path"]), gjson.Parse(r["value"])
		switch {
		case !got.Exists():
			names := slices.Sorted(maps.Keys(claims.Map()))
			differs = append(differs, fmt.Sprintf("%q matches nothing: nearest are %s",
				r["path"], words.List(nearestFirst(r["path"], names), mostNear)))
		case !same(got, want):
			differs = append(differs, fmt.Sprintf("%q is %s, want %s", r["path"], show(w, got), show(w, want)))
		}
	}
	if len(differs) > 0 {
		return fmt.Errorf("%s differs from the table:\n  %s", what, strings.Join(differs, "\n  "))
	}
	return nil
}

func askUserInfo(ctx context.Context, w *World) error {
	info, err := w.app.tokens.UserInfo(ctx)
	if err == nil {
		w.app.info = &info
	}
	return err
}

func refresh(ctx context.Context, w *World) error {
	w.app.info, w.app.active = nil, nil
	return w.app.tokens.Refresh(ctx)
}

func introspect(ctx context.Context, w *World) error {
	active, err := w.app.tokens.Introspect(ctx)
	if err == nil {
		w.app.active = &active
	}
	return err
}

func isActive(w *World) error   { return activity(w, true) }
func isInactive(w *World) error { return activity(w, false) }

// activity compares what the introspection said.
func activity(w *World, want bool) error {
	switch {
	case *w.app.active && !want:
		return errors.New("the token is active, want it not to be")
	case !*w.app.active && want:
		return errors.New("the token is not active, want it to be")
	}
	return nil
}

func revoke(ctx context.Context, w *World) error {
	return w.app.tokens.Revoke(ctx)
}

func signOff(ctx context.Context, w *World) error {
	return w.Journey.SignOff(ctx, w.app.tokens)
}
