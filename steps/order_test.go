package steps_test

import (
	"testing"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps"
)

// A sentence at the wrong place is found without carrying it out, with the words
// of a run: this goes through all of them.
func TestAnOrderSaysWhatARunWould(t *testing.T) {
	for _, d := range steps.Definitions() {
		t.Run(d.Pattern, func(t *testing.T) {
			var order steps.Order
			require.NoError(t, order.Next(definition(t, `the user "alice"`), `the user "alice"`))
			err := order.Next(&d, text(d.Example))
			p := play(t, nil, `Given the user "alice"`, d.Example)
			if err == nil {
				require.NoError(t, p.err)
				assert.Equal(t, "Given", d.Keyword)
				return
			}
			assert.EqualError(t, p.err, err.Error())
		})
	}
}

func TestAnOrderFollowsTheScenario(t *testing.T) {
	for name, row := range map[string]struct {
		sentences []string
		want      string // of the last
	}{
		"as it should be":        {[]string{`the flow "a"`, `I start the flow`, `the flow completes`}, ""},
		"a second journey":       {[]string{`the flow "a"`, `I start the flow`, `the flow "b"`, `I start the flow`}, ""},
		"a user after the start": {[]string{`the flow "a"`, `I start the flow`, `the user "bob"`}, ""},
		"detailed too late": {
			[]string{`the flow "a"`, `I start the flow`, `detailed responses`},
			"the flow has been started already: ask for detailed responses before",
		},
		"tokens in their order": {
			[]string{`the flow "a"`, `I start the flow`, `I exchange the code for tokens`, `I ask for the user info`, `the user info has:`, `I refresh the tokens`}, "",
		},
		"no tokens yet": {
			[]string{`the flow "a"`, `I start the flow`, `I revoke the token`},
			`there are no tokens: write "When I exchange the code for tokens" before this step`,
		},
		"user info of the tokens before": {
			[]string{`the flow "a"`, `I start the flow`, `I exchange the code for tokens`, `I ask for the user info`, `I refresh the tokens`, `the user info has:`},
			`there is no user info: write "When I ask for the user info" before this step`,
		},
		"not introspected": {
			[]string{`the flow "a"`, `I start the flow`, `I exchange the code for tokens`, `the token is active`},
			`the token was not introspected: write "When I introspect the token" before this step`,
		},
		"exchanged once": {
			[]string{`the flow "a"`, `I start the flow`, `I exchange the code for tokens`, `the code is refused with "invalid_grant"`},
			`the code was not exchanged a second time: write "When I exchange the code a second time" before this step`,
		},
		"introspected before the second exchange": {
			[]string{
				`the flow "a"`, `I start the flow`, `I exchange the code for tokens`, `I introspect the token`,
				`I exchange the code a second time`, `the token is active`,
			},
			`the token was not introspected: write "When I introspect the token" before this step`,
		},
		"another user without an authenticator": {
			[]string{`the flow "a"`, `the user has an authenticator`, `the user "bob"`, `I start the flow`, `I register a passkey`},
			`the user has no authenticator: write "Given the user has an authenticator" before this step`,
		},
		"the first user again": {
			[]string{
				`the flow "a"`, `the user has an authenticator`, `the user "bob"`, `the user "alice"`, `I start the flow`, `I register a passkey`,
			}, "",
		},
		"a new user after one with an authenticator": {
			[]string{`the flow "a"`, `a new user`, `the user has an authenticator`, `a new user`, `I start the flow`, `I sign on with a passkey`},
			`the user has no authenticator: write "Given the user has an authenticator" before this step`,
		},
		"two users with authenticators": {
			[]string{
				`the flow "a"`, `the user "bob"`, `the user has an authenticator`, `a new user`, `the user has an authenticator`,
				`the user "bob"`, `I start the flow`, `I sign on with a passkey`,
			}, "",
		},
		"never started": {
			[]string{`the flow "a"`, `the flow completes`},
			`the flow has not been started: write "When I start the flow" before this step`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var order steps.Order
			var err error
			for _, s := range row.sentences {
				require.NoError(t, err)
				err = order.Next(definition(t, s), s)
			}
			if row.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, row.want)
		})
	}
}

// definition returns the definition of a sentence.
func definition(t *testing.T, sentence string) *steps.Definition {
	t.Helper()
	for i := range steps.Definitions() {
		if d := &steps.Definitions()[i]; d.Matches(sentence) {
			return d
		}
	}
	require.Fail(t, "no definition", sentence)
	return nil
}

func tableOf(rows ...[]string) *godog.Table {
	t := &godog.Table{}
	for _, row := range rows {
		r := &messages.PickleTableRow{}
		for _, cell := range row {
			r.Cells = append(r.Cells, &messages.PickleTableCell{Value: cell})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func TestATableIsCheckedAsARunReadsIt(t *testing.T) {
	tables := 0
	for i := range steps.Definitions() {
		d := &steps.Definitions()[i]
		if d.Columns == nil {
			require.NoError(t, d.CheckTable(tableOf([]string{"colour"})), "it takes no table")
			continue
		}
		tables++
		err := d.CheckTable(tableOf([]string{"colour", "note"}, []string{"red", "blue"}))
		require.Error(t, err, d.Example)
		p := play(t, answering(says(200, form(username, password, signOn))), given, `When I start the flow`,
			d.Keyword+" "+text(d.Example)+"\n  | colour | note |\n  | red | blue |")
		require.EqualError(t, p.err, err.Error())
	}
	assert.Equal(t, 17, tables)
}

func TestATableWithOtherColumns(t *testing.T) {
	for name, row := range map[string]struct {
		sentence string
		table    [][]string
		want     string
	}{
		"right":            {"I fill in:", [][]string{{"key", "value"}, {"a", "b"}}, ""},
		"in another order": {"I fill in:", [][]string{{"value", "key"}, {"a", "b"}}, ""},
		"some of many":     {"the form has the fields:", [][]string{{"type"}, {"TEXT"}}, ""},
		"another word":     {"I fill in:", [][]string{{"field", "value"}, {"a", "b"}}, `the table has a column "field", want key, value; did you mean "key"?`},
		"a slip":           {"I fill in:", [][]string{{"key", "valeu"}, {"a", "b"}}, `the table has a column "valeu", want key, value; did you mean "value"?`},
		"a capital letter": {"the response has:", [][]string{{"Path", " VALUE "}, {"a", "b"}}, ""},
		"a remark":         {"the response has:", [][]string{{"path", "Note", "value"}, {"a", "why", "b"}}, ""},
		"no first row":     {"I fill in:", [][]string{{"username", "alice"}, {"name", "Alice"}}, ""},
		"no first row, and a field that is called as a column might be": {"I fill in:", [][]string{{"name", "Alice"}}, ""},
		"no first row, and a value that is called as a column":          {"the response has:", [][]string{{"path", "/a"}, {"value", "b"}, {"value", "c"}}, ""},
		"no first row, and an attribute that is called as a column":     {`the cookie "ST" has:`, [][]string{{"value", "a"}}, ""},
		"no first row, and three columns":                               {"I fill in:", [][]string{{"username", "alice", "x"}}, `the table has a column "username", want key, value`},
		"no first row, of a table with columns by choice": {
			"the form has the fields:", [][]string{{"username", "TEXT"}, {"password", "PASSWORD"}}, `the table has a column "username", want key, type, label, required`,
		},
		"two slips in the first row": {"I fill in:", [][]string{{"kye", "valeu"}, {"a", "b"}}, `the table has a column "kye", want key, value; did you mean "key"?`},
		"rows and columns swapped": {
			"I fill in:",
			[][]string{{"key", "username", "password"}, {"Value", "alice", "a|b"}},
			"the rows and columns of the table are swapped, want a row for each value:\n  | key | Value |\n  | username | alice |\n  | password | a\\|b |",
		},
		"rows and columns swapped, with one value": {
			"I fill in:",
			[][]string{{"key", "username"}, {"value", "alice"}},
			"the rows and columns of the table are swapped, want a row for each value:\n  | key | value |\n  | username | alice |",
		},
		"rows and columns swapped, of fields": {
			"the form has the fields:",
			[][]string{{"key", "username", "password"}, {"type", "TEXT", "PASSWORD"}},
			"the rows and columns of the table are swapped, want a row for each value:\n  | key | type |\n  | username | TEXT |\n  | password | PASSWORD |",
		},
		"a field with the name of a column": {"the form has the fields:", [][]string{{"key", "type"}, {"type", "TEXT"}}, ""},
		"keys as columns": {
			"I submit the form with:",
			[][]string{{"username", "password", "otp"}, {"alice", "secret", "1"}},
			"the table has a column \"username\", want key, value; if its first row has keys, its rows and columns are swapped, want:\n  | key | value |\n" +
				"  | username | alice |\n  | password | secret |\n  | otp | 1 |",
		},
		"an unknown word":  {"I fill in:", [][]string{{"colour", "value"}, {"a", "b"}}, `the table has a column "colour", want key, value`},
		"one twice":        {"I fill in:", [][]string{{"key", "key"}, {"a", "b"}}, `the table has two columns "key", want one of each`},
		"one missing":      {"I fill in:", [][]string{{"key"}, {"a"}}, `the table has no column "value", want the columns key and value`},
		"only a first row": {"I fill in:", [][]string{{"key", "value"}}, `the table has no rows, want a first row with the columns key, value and a row for each value`},
	} {
		t.Run(name, func(t *testing.T) {
			err := definition(t, row.sentence).CheckTable(tableOf(row.table...))
			if row.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, row.want)
		})
	}
}
