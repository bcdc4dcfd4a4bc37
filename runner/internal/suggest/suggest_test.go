package suggest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/suggest"
	"flowtest/steps"
)

func vocabulary() []*steps.Definition {
	var list []*steps.Definition
	for i := range steps.Definitions() {
		list = append(list, &steps.Definitions()[i])
	}
	return list
}

func firstLine(d *steps.Definition) string {
	line, _, _ := strings.Cut(d.Example, "\n")
	return line
}

const (
	array   = `Then "form.components.fields" is an array`
	is      = `Then "form.category" is "CUSTOM_HTML"`
	absent  = `Then "authorizeResponse" is absent`
	present = `Then "interactionId" is present`
	ended   = `Then the flow completes`
	press   = `When I press "SIGNON"`
	fillIn  = `When I fill in "username" with "${user.username}"`
	pauses  = `Then the flow pauses at "Sign On Form"`
	status  = `Then the response status is 400`
	offers  = `Then the form offers "REGISTER"`
	shows   = `Then the page shows "Sign On"`
)

func TestTheNearestSentencesAreThoseThatWereMeant(t *testing.T) {
	th := suggest.New(vocabulary())
	for text, want := range map[string][]string{
		`"form.x" is a list`:                   {array},
		`"id" equals "x"`:                      {is},
		`"id" should be "x"`:                   {is},
		`"id" is not "x"`:                      {`Then "form.category" is not "CUSTOM_FORM"`},
		`"id" contains "x"`:                    {`Then "form.name" contains "Sign On"`},
		`"id" exists`:                          {present},
		`"id" does not exist`:                  {absent},
		`the flow finishes`:                    {ended},
		`the flow ends`:                        {ended},
		`the flow has completed`:               {ended},
		`the flow should succeed`:              {ended},
		`the flow is a success`:                {ended},
		`I click "SIGNON"`:                     {press},
		`I click on the "Sign On" button`:      {press},
		`I tap "x"`:                            {press},
		`I press SIGNON`:                       {press},
		`I enter "bob" into "username"`:        {fillIn},
		`I type "x" into "y"`:                  {fillIn},
		`I fill "a" with "b"`:                  {fillIn},
		`I see "Sign On Form"`:                 {shows, offers, pauses},
		`the screen is "Sign On Form"`:         {pauses},
		`the screen "Sign On Form" is shown`:   {pauses},
		`the flow stops at "x"`:                {pauses},
		`the status code is 200`:               {status},
		`I begin the flow`:                     {`When I start the flow`, `When I start the flow again`},
		`I open the flow "sign-on"`:            {`When I start the flow`, `When I start the flow again`},
		`I sign on as "alice"`:                 {`Given the user "alice"`},
		`the page has a field "x"`:             {`Then the page has an input "username"`},
		`the error message is "x"`:             {`Then the flow reports "Invalid username and/or password"`, `Then the flow reports:`},
		`the flow returns an error "x"`:        {`Then the flow reports an error with code "invalidValue"`},
		`the flow fails`:                       {`Then the flow fails with "requestTimedOut"`},
		`I submit the forms`:                   {`When I submit the form`},
		`the cookies are set`:                  {`Then the session cookies are set`},
		`the response is valid`:                {`Then the response conforms`},
		`I log out`:                            {`When I sign off`},
		`I get the tokens`:                     {`When I exchange the code for tokens`},
		`I tick "terms"`:                       {`When I check "user.acceptedTerms"`},
		`I select "x" from "y"`:                {`When I choose "By email" in "contact.channel"`},
		`I wait for 3 seconds`:                 {`When I wait "1ms"`},
		`the user was deleted`:                 {`Then the user does not exist`},
		`the user was created`:                 {`Then the user exists`},
		`I click the link in the mail`:         {`When I open the link from the email`},
		`I type the SMS code in "otp"`:         {`When I fill in "otp" with the code from the text message`},
		`the node "Check Password" ran`:        {`Then the flow "Check Credentials" ran`, `Then the flow ran "Check Password"`, `Then the flow ran:`},
		`a mail was sent`:                      {`Then I sent:`},
		`mails are delivered`:                  nil,
		``:                                     nil,
		strings.Repeat(`I see "x" and `, 1000): nil,
	} {
		var got []string
		for _, d := range th.Nearest("", text) {
			got = append(got, firstLine(d))
		}
		assert.Equal(t, want, got, text)
	}
}

func TestTheKeywordDecidesBetweenSentencesThatAreAsNear(t *testing.T) {
	th := suggest.New(vocabulary())
	assert.Equal(t, `When the screen polls`, firstLine(th.Nearest("When", `we wait`)[0]))
	assert.Equal(t, `Then the flow waits`, firstLine(th.Nearest("Then", `we wait`)[0]))
}

func TestASlipInTheSignsIsNamed(t *testing.T) {
	th := suggest.New(vocabulary())
	for text, want := range map[string][2]string{
		`the response status is "200"`:      {status, "the quotes are the mistake: this number has none"},
		`the flow pauses at 'Sign On Form'`: {pauses, `the quotes are the mistake: values are written between " and "`},
		`the flow pauses at “Sign On Form”`: {pauses, `the quotes are the mistake: values are written between " and "`},
		`the flow  completes`:               {ended, "the spaces are the mistake: words are separated by one space"},
		`the flow completes.`:               {ended, "the end is the mistake: nothing follows the last word"},
		`I submit the form with`:            {`When I submit the form with:`, "the end is the mistake: a colon, and a table below it"},
		`The flow pauses at "Sign On Form"`: {pauses, "the capital letters are the mistake"},
		`i press "SIGNON"`:                  {press, "the capital letters are the mistake"},
		`the flow finishes`:                 {},
	} {
		d, say := th.Slip(text)
		if want[0] == "" {
			// What is right has no slip, and neither has what is another sentence.
			assert.Empty(t, say, text)
			continue
		}
		if assert.NotNil(t, d, text) {
			assert.Equal(t, want, [2]string{firstLine(d), say}, text)
		}
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("Then", `the flow finishes with 'x' and "y`)
	f.Add("", "\xff<a>${b}«»")
	th := suggest.New(vocabulary())
	f.Fuzz(func(t *testing.T, keyword, text string) {
		assert.LessOrEqual(t, len(th.Nearest(keyword, text)), 3)
		d, say := th.Slip(text)
		assert.Equal(t, d == nil, say == "")
	})
}
