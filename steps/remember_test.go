package steps_test

import (
	"net/http"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps"
	"flowtest/steps/secret"
)

// wantRefs lists the references that there are.
const wantRefs = "want ${user.ATTRIBUTE}, ${users.NAME.ATTRIBUTE}, ${env.NAME}, ${remembered.NAME}, ${unique}, " +
	"${unique.email}, ${unique.username}, ${unique.phone}, ${unique.password}, ${uuid}, ${now} or ${today}"

// signs is what an error says about a name that is like none.
const signs = "; write $${ for a literal ${"

func TestWhatIsRemembered(t *testing.T) {
	screen := answering(says(http.StatusOK, form(username, signOn), "lang=s-1; Path=/", "lang=s-2", "other=o"))
	remembering := func(more ...string) []string { return append([]string{given, starts}, more...) }
	checkAll(t, map[string]sentence{
		"a text": {
			answers: screen, before: remembering(`When I remember "form.name" as "the name"`),
			sentence: `Then the flow pauses at "${remembered.the name}"`,
		},
		"a text, which is another one": {
			answers: screen, before: remembering(`When I remember "id" as "x"`),
			sentence: `Then the flow pauses at "${remembered.x}"`,
			want:     `the flow pauses at "Sign On Form", want "node000001" (hop 1, node node000001, form "Sign On Form")`,
		},
		"what is not text, as it was": {
			answers: screen, before: remembering(`When I remember "form.components.fields.#" as "n"`),
			sentence: "Then the response has:\n| path | value |\n| form.components.fields.# | ${remembered.n} |",
		},
		"what is not text, as text between quotes": {
			answers: screen, before: remembering(`When I remember "form.components.fields.#" as "n"`),
			sentence: `Then "form.components.fields.#" is "${remembered.n}"`,
			want: `"form.components.fields.#" is 2, want "2": it is a number, want a string ` +
				`(hop 1, node node000001, form "Sign On Form")`,
		},
		"a list": {
			answers: screen, before: remembering(`When I remember "form.components.fields.#.key" as "keys"`),
			sentence: "Then the response has:\n| path | value |\n| form.components.fields.#.key | ${remembered.keys} |",
		},
		"in a path": {
			answers: screen, before: remembering(`When I remember "form.components.fields.1.key" as "key"`),
			sentence: `Then "form.components.fields.#(key==${remembered.key}).label" is "Sign On"`,
		},
		"in a pattern, where its signs mean themselves": {
			answers:  answering(says(http.StatusOK, `{"id":"a.c","other":"abc"}`)),
			before:   remembering(`When I remember "id" as "x"`),
			sentence: `Then "other" matches "^${remembered.x}$"`,
			want:     `"other" is "abc", want it to match "^a\\.c$" (hop 1, node a.c)`,
		},
		"the cookie that was set last": {
			answers: screen, before: remembering(`When I remember the cookie "lang" as "c"`),
			sentence: `Then "id" is "${remembered.c}"`,
			want:     `"id" is "node000001", want "s-2" (hop 1, node node000001, form "Sign On Form")`,
		},
		"a header": {
			answers: screen, before: remembering(`When I remember the header "set-cookie" as "h"`),
			sentence: `Then "id" is "${remembered.h}"`,
			want: `"id" is "node000001", want "lang=s-1; Path=/, lang=s-2, other=o" ` +
				`(hop 1, node node000001, form "Sign On Form")`,
		},
		"nothing at that path": {
			answers: screen, sentence: `When I remember "form.nme" as "x"`,
			want: `"form.nme" matches nothing: nearest below form are name, category, components, description ` +
				`(hop 1, node node000001, form "Sign On Form")`,
		},
		"no such cookie": {
			answers: screen, sentence: `When I remember the cookie "XT" as "x"`,
			want: `no response set the cookie "XT" (hop 1, node node000001, form "Sign On Form")`,
		},
		"no such header": {
			answers: screen, sentence: `When I remember the header "Location" as "x"`,
			want: `the response has no header "Location", it has Set-Cookie (hop 1, node node000001, form "Sign On Form")`,
		},
		"no name": {
			answers: screen, sentence: `When I remember "id" as "a}b"`,
			want: `"a}b" is not a name for a value, want one of letters, digits, spaces and ._-`,
		},
		"what was not remembered": {
			answers: screen, sentence: `Then "id" is "${remembered.x}"`,
			want: `${remembered.x}: no value was remembered by this name, nothing was remembered before`,
		},
		"what was remembered by another name": {
			answers: screen, before: remembering(`When I remember "id" as "a"`, `When I remember "id" as "b"`),
			sentence: `Then "id" is "${remembered.x}"`,
			want:     `${remembered.x}: no value was remembered by this name, there are a, b`,
		},
		"another user": {
			answers: screen, sentence: `Then "id" is "${users.carol.b.user.name}"`,
			want: `"id" is "node000001", want "Carol" (hop 1, node node000001, form "Sign On Form")`,
		},
		"another user who is not there": {
			answers: screen, sentence: `Then "id" is "${users.dave.email}"`,
			want: `${users.dave.email}: no user "dave", there are alice, nobody`,
		},
		"an attribute that another user does not have": {
			answers: screen, sentence: `Then "id" is "${users.alice.email}"`,
			want: `${users.alice.email}: the user "alice" has no such attribute, there are code, facebookToken, googleToken, password, username`,
		},
		"a key that computes no codes": {
			answers: screen, sentence: `Then "id" is "${users.carol.b.totp}"`,
			want: `${users.carol.b.totp}: of the user "carol.b" it is neither an otpauth URL nor a secret in base32, ` +
				`which has 16 or more of the letters A to Z and the digits 2 to 7`,
		},
		"a time that does not exist": {
			answers: screen, sentence: `Then "id" is "${today+1h}"`,
			want: "${today+1h} is unknown, " + wantRefs + "; an offset is a number with s, m, h, d, w or y, as in " +
				"${now-90s}, and with d, w or y in ${today+30d}",
		},
		"a value that is misspelt before and behind its dot": {
			answers: screen, sentence: `Then "id" is "${uniqe.emial}"`,
			want: "${uniqe.emial} is unknown, " + wantRefs + `; did you mean "unique.email"?`,
		},
		"an attribute of the user without the user": {
			answers: screen, sentence: `Then "id" is "${username}"`,
			want: "${username} is unknown, " + wantRefs + `; did you mean "user.username"?`,
		},
		"a unique value that does not exist": {
			answers: screen, sentence: `Then "id" is "${unique.mail}"`,
			want: "${unique.mail} is unknown, " + wantRefs + `; did you mean "unique.email"?`,
		},
	})
}

// Every form works in every value of every sentence, and in every cell: what is unknown is
// said there.
func TestReferencesAreReadInEveryValue(t *testing.T) {
	quoted := regexp.MustCompile(`"[^"]*"`)
	for _, d := range steps.Definitions() {
		first := regexp.MustCompile(`(?s)\n.*`).ReplaceAllString(d.Example, "")
		below := d.Example[len(first):]
		for i := range quoted.FindAllString(first, -1) {
			n := 0
			bad := quoted.ReplaceAllStringFunc(first, func(s string) string {
				if n++; n == i+1 {
					return `"${nope.x}"`
				}
				return s
			})
			row := sentence{answers: answering(signOnScreen()), sentence: bad + below}
			if d.Keyword == "Given" {
				row.before = []string{}
			}
			t.Run(bad, func(t *testing.T) {
				row.want = "${nope.x} is unknown, " + wantRefs + signs
				row.check(t)
			})
		}
	}
}

func TestGeneratedValuesOfAScenario(t *testing.T) {
	p := play(t, answering(signOnScreen()), given, starts,
		"When I fill in:\n| key | value |\n| username | ${unique.email} |\n| password | ${unique.password} |", signsOn,
		`When I fill in "username" with "${unique.email} ${unique} ${unique.username} ${unique.phone}"`, signsOn,
		`When I fill in "username" with "${now} ${today+1d} ${uuid} ${uuid}"`, signsOn,
	)
	require.NoError(t, p.err)
	value := func(n int, key string) string {
		return gjson.Get(p.service.bodies[n], "parameters.data.formData."+key).Str
	}
	email := value(1, "username")
	assert.Regexp(t, `^flowtest-[a-z0-9]{10}@example\.com$`, email)
	assert.Regexp(t, `^`+regexp.QuoteMeta(email)+` `+email[9:19]+` flowtest-`+email[9:19]+` \+1[0-9]{10}$`, value(2, "username"))
	const uuid = `[0-9a-f-]{36}`
	assert.Regexp(t, `^20\S+T\S+Z 20\d\d-\d\d-\d\d `+uuid+" "+uuid+`$`, value(3, "username"))
	assert.Equal(t, "unique.email", p.world.Generated()[email])
	typed := value(1, "password")
	assert.Len(t, typed, 20)
	assert.NotContains(t, p.secrets.Redact("it is "+typed), typed)

	again := play(t, answering(signOnScreen()), given, starts, `When I fill in "username" with "${unique.email}"`, signsOn)
	require.NoError(t, again.err)
	assert.NotContains(t, again.service.bodies[1], email, "another scenario has others")
}

func TestAOneTimeCodeIsNeverTypedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := play(t, answering(signOnScreen()), given, starts,
			`When I fill in "username" with "${user.totp}"`, signsOn,
			`When I fill in "username" with "${users.alice.totp}"`, signsOn)
		require.NoError(t, p.err)
		first := gjson.Get(p.service.bodies[1], "parameters.data.formData.username").Str
		second := gjson.Get(p.service.bodies[2], "parameters.data.formData.username").Str
		assert.Regexp(t, `^[0-9]{6}$`, first)
		assert.NotEqual(t, first, second)
		waited := time.Since(began)
		assert.Greater(t, waited, time.Duration(0))
		assert.LessOrEqual(t, waited, 30*time.Second)
		for _, s := range []string{first, second, "GEZDGNBVGY3TQOJQ"} {
			assert.JSONEq(t, `{"a":"`+secret.Redacted+`"}`, p.secrets.Redact(`{"a":"`+s+`"}`))
		}
	})
}
