package cli_test

import (
	"slices"
	"strings"
)

// A journey is what is around an example, so that it holds.
type journey struct{ before, after []string }

// Where an example has nothing to say of a started sign-on, this is its journey.
var journeys = func() map[string]journey {
	flow := func(name string, rest ...string) []string {
		return append([]string{`Given the flow "` + name + `"`, `When I start the flow`}, rest...)
	}
	submit := func(rows ...string) string {
		return "When I submit the form with:\n| key | value |\n" + strings.Join(rows, "\n")
	}
	right := submit("| username | ${user.username} |", "| password | ${user.password} |")
	wrong := submit("| username | ${user.username} |", "| password | not-the-password |")
	account := submit("| user.username | ${user.username} |", "| user.email | ${user.email} |",
		"| user.temporaryPassword | ${user.password} |", "| user.password | ${user.newPassword} |")
	detailed := []string{`Given the flow "sign-on"`, `Given detailed responses`, `When I start the flow`}
	app := flow("sign-on", right, `When I exchange the code for tokens`)
	then := func(more ...string) []string { return append(slices.Clip(app), more...) }
	phone := flow("mfa", right, submit("| device | MOBILE |"))
	asked := flow("passkey", `Given the user has an authenticator`, submit("| user.username | ${user.username} |", "| user.password | ${user.password} |"))
	passkey := append(slices.Clip(asked), `When I register a passkey`)
	pressed := []string{`When I press "SIGNON"`, `Then the flow completes`}
	verified := []string{`When I press "VERIFY"`, `Then the flow completes`}
	fresh := []string{`Given a new user`}
	newUser := func(row string) []string { return []string{"Given a new user with:\n" + row} }
	return map[string]journey{
		`Given the flow "sign-on"`: {nil, []string{`When I start the flow`, `Then the flow pauses at "Sign On Form"`}},
		`Given detailed responses`: {
			[]string{`Given the flow "sign-on"`}, []string{`When I start the flow`, `Then the page has an input "username"`},
		},
		`Given the user "alice"`: {nil, flow("sign-on", right, `Then the flow completes`)},
		`Given the authorize parameters:`: {
			nil, flow("errors", `Then the flow fails with "USERNAME_PASSWORD_REQUIRED"`),
		},
		`When I start the flow`: {[]string{`Given the flow "sign-on"`}, []string{`Then the flow pauses at "Sign On Form"`}},
		`When I fill in "username" with "${user.username}"`: {
			flow("sign-on", `When I fill in "password" with "${user.password}"`), pressed,
		},
		`When I fill in:`: {flow("sign-on", `When I fill in "password" with "${user.password}"`), pressed},
		`When I press "SIGNON"`: {
			flow("sign-on", `When I fill in "username" with "alice"`, `When I fill in "password" with "${user.password}"`),
			[]string{`Then the flow completes`},
		},
		`When I submit the form`: {
			flow("sign-on", `When I fill in "username" with "alice"`, `When I fill in "password" with "${user.password}"`),
			[]string{`Then the flow completes`},
		},
		`Given the platform "ios"`:       {nil, flow("sign-on", right, `Then the flow completes`)},
		`Given the request headers:`:     {nil, flow("sign-on", right, `Then the flow completes`)},
		`When I submit the form with:`:   {flow("sign-on"), []string{`Then the flow completes`}},
		`When I answer "metadata" with:`: {flow("connector"), []string{`Then the flow completes`}},
		`When I return from "GOOGLE" with the continue token "${user.googleToken}"`: {
			flow("social"), []string{`Then the flow completes`},
		},
		`When I return from "GOOGLE" with the ID token "${user.googleToken}"`: {
			flow("social"), []string{`Then the flow completes`},
		},
		`When I return from "FACEBOOK" with the access token "${user.facebookToken}"`: {
			flow("social"), []string{`Then the flow pauses at "Email Form"`},
		},
		`When the screen polls`:                   {phone, []string{`Then the flow waits`}},
		`When the screen polls until it moves on`: {phone, []string{`Then the flow completes`}},
		`When the screen polls until the challenge is "approved"`: {
			flow("mfa", right, submit("| device | EMAIL |"), `When I press "LINK"`), []string{`Then the flow completes`},
		},

		`When I start the flow again`:            {flow("sso", right), []string{`Then the flow completes`}},
		`When I start the flow in a new browser`: {flow("sso", right), []string{`Then the flow pauses at "Sign On Form"`}},
		`When I register a passkey`:              {asked, []string{`Then the flow completes`}},
		`When I sign on with a passkey`: {
			append(slices.Clip(passkey), `When I start the flow`, `When I press "PASSKEY"`), []string{`Then the flow completes`},
		},
		`When I cancel the passkey prompt`:                       {asked, []string{`Then the flow reports "FIDO Registration Error - NotAllowedError"`}},
		`When the passkey prompt fails with "TimeoutError"`:      {asked, []string{`Then the flow reports "FIDO Registration Error - TimeoutError"`}},
		`Then the authenticator has 1 passkey`:                   {passkey, nil},
		`Then the authenticator has 1 passkey for "example.com"`: {passkey, nil},

		`Then the flow ran "Check Password"`:                                       {flow("sign-on", right), nil},
		`Then the flow did not run "Create User"`:                                  {flow("sign-on", right), nil},
		`Then the flow ran:`:                                                       {flow("sign-on", wrong), nil},
		`Then no node failed`:                                                      {flow("sign-on", right), nil},
		`Then no node failed but "Check Password"`:                                 {flow("sign-on", wrong), nil},
		`Then the flow "Check Credentials" ran`:                                    {flow("sign-on", right), nil},
		`Then "Check Password" failed`:                                             {flow("sign-on", wrong), nil},
		`Then "Lookup User" took less than "800ms"`:                                {flow("sign-on", right), nil},
		`Then "Lookup User" returned "matchedUser.username" as "${user.username}"`: {flow("sign-on", right), nil},

		`Given a new user`:       {nil, flow("sign-on", right, `Then the user exists`)},
		`Given a new user with:`: {nil, flow("sign-on", right, `Then the user's "name.given" is "Ada"`)},
		`Given a new user with a TOTP device`: {
			nil, flow("mfa", right, submit("| device | TOTP |"), `When I fill in "otp" with the TOTP code`, `When I press "VERIFY"`, `Then the flow completes`),
		},
		`Given a new user with an email device`: {nil, flow("mfa", right, `Then the user has 1 active "EMAIL" device`)},
		`Given the user's password must change`: {fresh, flow("sign-on", `Then the user exists`)},
		`Given the user's password is expired`:  {nil, flow("sign-on", right, `Then the flow completes`)},
		`Given the user is disabled`: {
			fresh, flow("sign-on", right, `Then the flow reports "Invalid username and/or password"`, `Then the user's "enabled" is false`),
		},
		`Given the user is locked`: {
			fresh, flow("sign-on", right, `Then the flow reports "Invalid username and/or password"`, `Then the user's "account.status" is "LOCKED"`),
		},
		`Then the user does not exist`:              {flow("sign-on", `When I fill in "username" with "${unique.username}"`), nil},
		`Then the user's "name.given" is "Ada"`:     {append(newUser("| givenName | Ada |"), flow("sign-on")...), nil},
		`Then the user has 1 active "EMAIL" device`: {append([]string{`Given a new user with an email device`}, flow("sign-on")...), nil},
		`When I fill in "otp" with the TOTP code`: {
			append([]string{`Given a new user with a TOTP device`}, flow("mfa", right, submit("| device | TOTP |"))...), verified,
		},
		`When I fill in "otp" with the code from the email`: {
			append(slices.Clip(fresh), flow("mfa", right, submit("| device | EMAIL |"))...), verified,
		},
		`When I fill in "otp" with the code from the text message`: {
			append(newUser("| phone | ${unique.phone} |"), flow("mfa", right, submit("| device | SMS |"))...), verified,
		},
		`When I open the link from the email`: {
			append(slices.Clip(fresh), flow("mfa", right, submit("| device | EMAIL |"), `When I press "LINK"`)...),
			[]string{`When the screen polls until it moves on`, `Then the flow completes`},
		},
		`When I exchange the code for tokens`:           {flow("sign-on", right), []string{`Then the flow completes`}},
		`Then the ID token has:`:                        {app, nil},
		`Then the access token has:`:                    {app, nil},
		`When I ask for the user info`:                  {app, nil},
		`Then the user info has:`:                       {then(`When I ask for the user info`), nil},
		`When I refresh the tokens`:                     {app, nil},
		`When I introspect the token`:                   {app, []string{`Then the token is active`}},
		`When I revoke the token`:                       {app, []string{`When I introspect the token`, `Then the token is not active`}},
		`Then the token is active`:                      {then(`When I introspect the token`), nil},
		`Then the token is not active`:                  {then(`When I revoke the token`, `When I introspect the token`), nil},
		`When I exchange the code a second time`:        {app, nil},
		`Then the code is refused with "invalid_grant"`: {then(`When I exchange the code a second time`), nil},
		`When I sign off`: {
			flow("sso", right, `When I exchange the code for tokens`),
			[]string{`When I start the flow again`, `Then the flow pauses at "Sign On Form"`},
		},

		`Then the form has the fields:`:                            {flow("mfa"), nil},
		`Then the flow reports "Invalid username and/or password"`: {flow("sign-on", wrong), nil},
		`Then the flow reports an error with code "invalidValue"`: {
			flow("registration", `When I press "REGISTER"`, submit(
				"| user.email | ${user.email} |", "| user.name.given | ${user.givenName} |",
				"| user.name.family | ${user.familyName} |", "| user.password | not-the-password |",
			)), nil,
		},
		`Then the response status is 400`:                               {flow("sign-on", wrong), nil},
		`When I remember the cookie "ST" as "session"`:                  {flow("sign-on", right), nil},
		`When I check "user.acceptedTerms"`:                             {flow("forms", account), nil},
		`When I uncheck "user.acceptedTerms"`:                           {flow("forms", account), nil},
		`When I choose "By email" in "contact.channel"`:                 {flow("forms", account), nil},
		`Then the flow reports:`:                                        {flow("sign-on", wrong), nil},
		`Then the flow does not complete`:                               {flow("sign-on", wrong), nil},
		`Then the flow redirects to "https://app.example.com/callback"`: {flow("redirect"), nil},
		`Then I sent:`:                                               {flow("sign-on", right), nil},
		`Then the cookie "ST" is set`:                                {flow("sign-on", right), nil},
		`Then the cookie "ST" has:`:                                  {flow("sign-on", right), nil},
		`Then the field "user.email" is required`:                    {flow("forms"), nil},
		`Then the field "contact.topics" is optional`:                {flow("forms", account), nil},
		`Then the field "user.preferredLanguage" has the value "en"`: {flow("forms", account), nil},
		`Then the field "contact.channel" has the options:`:          {flow("forms", account), nil},
		`Then the flow completes`:                                    {flow("sign-on", right), nil},
		`Then the flow waits`:                                        {append(phone, `When the screen polls`), nil},
		`Then the flow fails with "requestTimedOut"`:                 {flow("errors", `When I press "TIMEOUT"`), nil},
		`Then the session cookies are set`:                           {flow("sign-on", right), nil},
		`Then the session cookies have:`:                             {flow("sign-on", right), nil},
		`Then every field comes empty`:                               {flow("sign-on"), nil},
		`Then "interactionId" is unchanged`:                          {flow("sign-on", `When I press "TROUBLE"`), nil},
		`Then "interactionToken" has changed`:                        {flow("sign-on", `When I press "TROUBLE"`), nil},
		`Then the page has an input "username"`:                      {detailed, nil},
		`Then the page has the inputs:`:                              {detailed, nil},
		`Then the page has a button "SIGNON"`:                        {detailed, nil},
		`Then the page shows "Sign On"`:                              {detailed, nil},
		`every sentence that is not among the others`:                {flow("sign-on"), nil},
	}
}()
