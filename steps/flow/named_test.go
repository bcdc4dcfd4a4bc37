package flow_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/flow"
)

func TestALabelInPlaceOfAKeyGetsTheKeySuggested(t *testing.T) {
	long := strings.Repeat("ä", 50)
	screen := form(username, password, signOn,
		`{"type":"FLOW_BUTTON","key":"REGISTER","label":"Register a new\n account"}`,
		`{"type":"FLOW_LINK","key":"TROUBLE","label":"Trouble signing on?"}`,
		`{"type":"FLOW_LINK","key":"BACK"}`, `{"type":"FLOW_LINK","key":"LONG","label":"`+long+`"}`)
	press := func(name string) func(*flow.Journey) error {
		return func(j *flow.Journey) error { _, err := j.Press(t.Context(), name); return err }
	}
	fill := func(key string) func(*flow.Journey) error {
		return func(j *flow.Journey) error { return j.Fill(key, "x") }
	}
	const buttons = ` the screen "Sign On Form" has no such button, it has SIGNON ("Sign On"), ` +
		`REGISTER ("Register a new account"), TROUBLE ("Trouble signing on?"), BACK, LONG ("`
	const fields = ` the screen "Sign On Form" has no such field, it has username ("Username"), password ("Password")`
	rest := strings.Repeat("ä", 40) + `…")`
	for name, row := range map[string]struct {
		act  func(*flow.Journey) error
		want string
	}{
		"a key in other capitals":   {press("Register"), `flow: press "Register":` + buttons + rest + `; did you mean "REGISTER"?`},
		"a key with a slip":         {press("SIGNNO"), `flow: press "SIGNNO":` + buttons + rest + `; did you mean "SIGNON"?`},
		"a label in other capitals": {press("sign on"), `flow: press "sign on":` + buttons + rest + `; did you mean "SIGNON"?`},
		"a part of a label":         {press("new account"), `flow: press "new account":` + buttons + rest + `; did you mean "REGISTER"?`},
		"a part of two labels":      {press("ign"), `flow: press "ign":` + buttons + rest},
		"like nothing":              {press("LOGIN TO MY BANK"), `flow: press "LOGIN TO MY BANK":` + buttons + rest},
		"a field by its label": {
			fill("Password"), `flow: fill in "Password":` + fields + `; did you mean "password", the key of the field labelled "Password"?`,
		},
		"a field by its label in other capitals": {
			fill("uSERNAME"), `flow: fill in "uSERNAME":` + fields + `; did you mean "username", the key of the field labelled "Username"?`,
		},
		"a field with a slip": {fill("usrename"), `flow: fill in "usrename":` + fields + `; did you mean "username"?`},
		"a field like none":   {fill("email"), `flow: fill in "email":` + fields},
		"no name at all":      {fill(""), `flow: fill in "":` + fields},
	} {
		t.Run(name, func(t *testing.T) {
			j := started(t, answering(says(200, screen)))
			require.EqualError(t, row.act(j), row.want)
			assert.Len(t, j.Hops(), 1, "nothing was sent")
		})
	}
}
