package steps_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps"
	"flowtest/steps/davinci"
)

// Log implements steps.Tenant: bob's log is not complete, and new users have none.
func (t *stubbedTenant) Log(_ context.Context, d steps.Driven) (*davinci.Log, error) {
	t.logs++
	log := &davinci.Log{Flows: []davinci.LoggedFlow{{Name: "Sign On"}, {Name: "MFA", Subflow: true}}}
	add := func(flow int, title, capability, success string, took int64, properties string) {
		message := "Send Response"
		if success == "error" {
			message = "Send Error Response"
		}
		log.Events = append(log.Events,
			davinci.LoggedEvent{Flow: flow, Message: "Receive Request", Node: title, Capability: capability},
			davinci.LoggedEvent{
				Flow: flow, Message: message, Node: title, Capability: capability, Success: success, Took: &took,
				Properties: json.RawMessage(properties),
			})
	}
	add(0, "Sign On Form", "customHTMLTemplate", "true", 5, `{}`)
	add(0, "Lookup User", "userLookup", "true", 900, `{"identifier":{"value":"${user.username}"},"outputs":{"count":1}}`)
	add(0, "Is it locked?", "AEqualsB", "false", 1, `{}`)
	add(0, "Check Password", "checkPassword", "error", 20, `{}`)
	add(1, "Send Code", "sendEmail", "true", 40, `{}`)
	log.Events = append(log.Events, davinci.LoggedEvent{Flow: 1, Message: "Receive Request", Node: "Code Form"})
	switch d.User {
	case "alice":
		return log, nil
	case "dora":
		log.Events = log.Events[:6]
		return log, nil
	case "bob":
		log.Gaps = []string{"the log does not have a subflow"}
		return log, nil
	}
	return nil, errors.New("the execution log cannot be read")
}

// executions are the rows for the sentences about the execution log.
var executions = func() map[string]sentence {
	rows := map[string]sentence{}
	add := func(name, user, says, want string) {
		rows["log: "+name] = sentence{
			answers: answering(signOnScreen()), before: []string{"Given a new user with:\n| username | " + user + " |", given, starts},
			sentence: says, want: want,
		}
	}
	const gap = ": the log does not have a subflow"
	const all = `"Sign On Form", "Lookup User", "Is it locked?", "Check Password", "Send Code", "Code Form"`
	add("a node ran", "alice", `Then the flow ran "Check Password"`, "")
	add("a node of a subflow ran", "alice", `Then the flow ran "Send Code"`, "")
	add("a node ran, though the log is not complete", "bob", `Then the flow ran "Check Password"`, "")
	add("a node that did not run", "alice", `Then the flow ran "Check Pasword"`,
		`the flow did not run "Check Pasword", it ran `+all+`, did you mean "Check Password"?`+atForm)
	add("a node of which nothing is known", "bob", `Then the flow ran "Create User"`,
		`it is not known whether the flow ran "Create User"`+gap)
	add("no node of that title", "alice", `Then the flow did not run "Create User"`, "")
	add("a node that ran all the same", "alice", `Then the flow did not run "Send Code"`,
		`the flow ran "Send Code", and should not`+atForm)
	add("absence needs a whole log", "bob", `Then the flow did not run "Create User"`,
		`it is not known whether the flow ran "Create User"`+gap)
	add("in order", "alice", "Then the flow ran:\n| node | success |\n| Lookup User | true |\n| Check Password | false |\n| Code Form | |", "")
	add("without success", "alice", "Then the flow ran:\n| node |\n| Lookup User |\n| Send Code |", "")
	add("another success", "alice", "Then the flow ran:\n| node | success |\n| Lookup User | false |",
		`the flow did not run "Lookup User" with the success false, it ran "Sign On Form" (true), "Lookup User" (true), `+
			`"Is it locked?" (false), "Check Password" (false), "Send Code" (true), "Code Form"`+atForm)
	add("another order", "alice", "Then the flow ran:\n| node |\n| Check Password |\n| Lookup User |",
		`the flow did not run "Lookup User" after "Check Password", it ran "Sign On Form" (true), "Lookup User" (true), `+
			`"Is it locked?" (false), "Check Password" (false), "Send Code" (true), "Code Form"`+atForm)
	add("the order needs a whole log", "bob", "Then the flow ran:\n| node |\n| Check Password |\n| Lookup User |",
		`it is not known whether the flow ran "Lookup User"`+gap)
	add("no success", "alice", "Then the flow ran:\n| node | success |\n| Lookup User | yes |", `"yes" is not a success, want true or false, or nothing for any`)
	add("a failure", "alice", `Then "Check Password" failed`, "")
	add("a comparison that is false", "alice", `Then "Is it locked?" failed`,
		`"Is it locked?" did not fail: it answered with the success false`+atForm)
	add("a node that has not answered", "alice", `Then "Code Form" failed`,
		`"Code Form" did not fail: it has not answered`+atForm)
	add("a failure of which nothing is known", "bob", `Then "Lookup User" failed`, `it is not known whether "Lookup User" failed`+gap)
	add("only one failed", "alice", `Then no node failed but "Check Password"`, "")
	add("another one failed", "alice", `Then no node failed but "Lookup User"`,
		`"Check Password" failed, want only "Lookup User" to fail`+atForm)
	add("only one needs a whole log", "bob", `Then no node failed but "Check Password"`,
		`it is not known whether another node failed`+gap)
	add("none failed", "dora", `Then no node failed`, "")
	add("no failure needs a whole log", "bob", `Then no node failed`, `"Check Password" failed, want no node to fail`+atForm)
	add("one failed", "alice", `Then no node failed`, `"Check Password" failed, want no node to fail`+atForm)
	add("a subflow ran", "alice", `Then the flow "MFA" ran`, "")
	add("another subflow", "alice", `Then the flow "Recovery" ran`,
		`the flow "Recovery" did not run, there ran "Sign On", "MFA"`+atForm)
	add("a subflow of which nothing is known", "bob", `Then the flow "Recovery" ran`, `it is not known whether the flow "Recovery" ran`+gap)
	add("fast enough", "alice", `Then "Lookup User" took less than "1s"`, "")
	add("too slow", "alice", `Then "Lookup User" took less than "800ms"`, `"Lookup User" took 900ms, want less than 800ms`+atForm)
	add("no time", "alice", `Then "Lookup User" took less than "soon"`, `"soon" is not a time, want one such as 500ms, 3s or 1m`)
	add("no duration is known", "alice", `Then "Code Form" took less than "1s"`, `the execution log does not say how long "Code Form" took`)
	add("an input", "alice", `Then "Lookup User" returned "identifier" as "${user.username}"`, "")
	add("an output", "alice", `Then "Lookup User" returned "count" as 1`, "")
	add("another value", "alice", `Then "Lookup User" returned "count" as 2`, `"Lookup User" returned "count" as 1, want 2`+atForm)
	add("no such output", "alice", `Then "Lookup User" returned "counts" as null`,
		`"Lookup User" has no "counts", want null: the log has identifier, outputs`+atForm)
	add("no log", "carol", `Then the flow ran "Check Password"`, "the execution log cannot be read")
	add("no log shows no absence", "carol", `Then the flow did not run "Check Password"`, "the execution log cannot be read")
	return rows
}()

func TestTheExecutionLog(t *testing.T) { checkAll(t, executions) }

// The log is read once after each hop.
func TestTheLogIsReadAgainAfterAHop(t *testing.T) {
	t.Parallel()
	p := play(t, answering(signOnScreen(), signOnScreen()), given, starts, `Then the flow ran "Send Code"`,
		`Then "Check Password" failed`, `When I press "SIGNON"`, `Then the flow ran "Send Code"`)
	require.NoError(t, p.err)
	assert.Equal(t, 2, p.tenant.logs)
}
