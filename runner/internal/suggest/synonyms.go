package suggest

// A synonym is a comma-separated list of phrases that people write instead of the words
// of the vocabulary, and those words. All are in lower case; a quoted value is "" and a
// number is 0.
type synonym struct {
	said  string
	meant []string
}

// synonyms are tried in this order, longer phrases first.
var synonyms = []synonym{
	// how something is compared
	{"is equal to, equal to, equals, equal, should be, must be, has the value, has value", []string{"is"}},
	{"contains", []string{"is", "matches", "shows", "has"}},
	{"includes", []string{"is", "matches", "shows"}},
	{"like, fits, regex", []string{"matches"}},
	{"does not exist, is not present, is not there", []string{"is absent"}},
	{"is missing, is not set, is undefined, is empty", []string{"is absent"}},
	{"exists, is there, is set, is not empty, is defined", []string{"is present"}},
	{"does not change, stays the same, is the same", []string{"is unchanged"}},
	{"changes, is different, is new", []string{"has changed"}},
	// kinds of JSON
	{"list", []string{"array"}},
	{"text", []string{"string"}},
	{"bool", []string{"boolean"}},
	{"map", []string{"object"}},
	{"integer, int", []string{"number"}},
	// how a flow ends
	{"is successful, is complete, is completed, is done, is finished, is over, finishes", []string{"completes"}},
	{"finished, ends, ended, succeeds, succeeded, passes, succeed, is a success", []string{"completes"}},
	{"errors with, breaks with", []string{"fails with"}},
	{"returns the status", []string{"response status is"}},
	{"status code", []string{"status"}},
	{"returns", []string{"response status is", "reports"}},
	{"says", []string{"reports", "shows"}},
	{"error message, message is", []string{"flow reports"}},
	{"error code is", []string{"the flow reports an error with code"}},
	// what a person does
	{"click on, click, tap on, tap, push, hit, choose", []string{"press"}},
	{"select", []string{"press", "fill in"}},
	{"enter, type, input, set", []string{"fill in"}},
	{`"" into "", "" in "", "" as "", "" to ""`, []string{`"" with ""`}},
	{"begin, open, launch, run", []string{"start"}},
	{`select "" from "", select "" in "", pick "" from ""`, []string{`choose "" in ""`}},
	{"tick", []string{"check"}},
	{"untick", []string{"uncheck"}},
	{"log out, logout, sign out, log off", []string{"sign off"}},
	{"get the tokens, fetch the tokens, redeem the code", []string{"exchange the code for tokens"}},
	{"the sms code, the code from the sms", []string{"the code from the text message"}},
	{"the mail", []string{"the email"}},
	{"click the link in, click the link from, follow the link in", []string{"open the link from"}},
	{"wait for 0 seconds, wait 0 seconds, wait 0s", []string{`wait ""`}},
	{"wait for", []string{"the screen polls until"}},
	{"wait", []string{"the screen polls", "the flow waits"}},
	{"send", []string{"submit"}},
	{"log in as, login as, sign on as, sign in as, i am", []string{"the user"}},
	{"use", []string{"", "the flow", "the user"}},
	// the users of a scenario
	{"was deleted, is deleted, was removed, is gone", []string{"does not exist"}},
	{"was created, is created", []string{"exists"}},
	{`the node "" ran, the node "" was executed`, []string{`the flow ran ""`}},
	// what a person sees
	{"i am on", []string{"the flow pauses at"}},
	{"i see, i should see", []string{"the flow pauses at", "the page shows", "the form offers"}},
	{"i should not see, i do not see", []string{"the form does not offer"}},
	{"is shown", []string{"pauses at", "is present"}},
	{"shown, is displayed, stops at, is at, stands at, goes to, moves to, continues at", []string{"pauses at"}},
	{"screen", []string{"flow pauses at"}},
	{"displays", []string{"shows"}},
	{"has a button", []string{"offers"}},
	{"the form has, the form shows", []string{"the form offers"}},
	{"page has a field", []string{"page has a input"}},
	{"i poll", []string{"the screen polls"}},
	{"has no button, has no field", []string{"does not offer"}},
	{"has a field", []string{"offers"}},
	{"cookies are present", []string{"session cookies are set"}},
	{"is valid, is correct", []string{"conforms"}},
}

// fillers are words that do not help to find the sentence.
var fillers = []string{
	"should", "must", "will", "shall", "now", "then", "and", "again", "also", "successfully",
	"button", "link", "on", "we",
}
