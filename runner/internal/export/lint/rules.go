// Package lint finds mistakes in the export of a flow that cause no error when it runs: in
// screens, buttons and fields, and screens that Ping's SDKs cannot show. It sends nothing,
// and does not repeat the checks of Ping's own linter for single nodes.
package lint

import "strings"

// A Level says whether a finding of a rule fails a check.
type Level string

// The levels.
const (
	Error   Level = "error"   // the check fails
	Warning Level = "warning" // it passes
)

// A Rule is one requirement for the export of a flow.
type Rule struct {
	ID       string
	Level    Level
	Sentence string // the requirement
	Source   string // where it is from
	Fix      string // how to fix a flow that breaks it
	SDK      bool   // it is checked only for SDKs
}

const (
	skill    = "dbryar/pingone-skills, core/SKILL.md and LEARNINGS.md"
	launch   = "\"Launching a flow with a Ping SDK\" of the DaVinci documentation"
	public   = "public exports of flows"
	runtimes = "Ping's SDKs, as flowtest requirements --sdks lists them"
)

// rules are all rules, in the order of lists.
var rules = []Rule{
	{
		ID: "EXPORT-BUTTON-DEAD", Level: Error, Sentence: "Every button leads somewhere.",
		Source: skill + ": the flow waits, and answers 400 requestTimedOut",
		Fix:    "add a branch for its value, or remove the button",
	},
	{
		ID: "EXPORT-BUTTON-TWICE", Level: Error, Sentence: "The buttons of a screen have values of their own.",
		Source: public, Fix: "give each button a data-skbuttonvalue or key of its own",
	},
	{
		ID: "EXPORT-VALUE-UNKNOWN", Level: Warning,
		Sentence: "A value that is compared with the button of a screen is that of one of its buttons.",
		Source:   public, Fix: "correct the value, or remove the branch: no client takes it",
	},
	{
		ID: "EXPORT-BRANCH-OPEN", Level: Warning,
		Sentence: "A value that is compared with the button of a screen has a way.",
		Source:   public, Fix: "connect the branch, or remove the value",
	},
	{
		ID: "EXPORT-LABEL-VARIABLE", Level: Warning, Sentence: "The label of a button is text that a person can read.",
		Source: public, Fix: "give the property that the label names a value in the node",
	},
	{
		ID: "EXPORT-FIELD-UNKNOWN", Level: Error, Sentence: "A field that is read of a screen is one of its fields.",
		Source: public + ": the value is nothing, without an error",
		Fix:    "correct the name in the property that reads it, or add the field to the screen",
	},
	{
		ID: "EXPORT-FIELD-UNREAD", Level: Warning, Sentence: "Something reads each field of a screen.",
		Source: public, Fix: "remove the field: people fill it in for nothing",
	},
	{
		ID: "EXPORT-FORM-MISSING", Level: Warning, Sentence: "The form that a node shows is in the file.",
		Source: public, Fix: "export the flow together with its forms",
	},
	{
		ID: "EXPORT-ERROR-FIRST", Level: Error, Sentence: "A flow shows a screen before it reports an error.",
		Source: skill + ": the flow is dead, and the app gets login_required",
		Fix:    "lead the failure to a screen, or to an end that returns an error",
	},
	{
		ID: "EXPORT-TELEPORT-LOST", Level: Error, Sentence: "A goToNode goes to a startNode of its flow.",
		Source: public, Fix: "choose the node again in the goToNode",
	},
	{
		ID: "EXPORT-NODE-UNREACHABLE", Level: Warning, Sentence: "The flow can come to every node.",
		Source: public, Fix: "connect the node, or remove it",
	},
	{
		ID: "EXPORT-CONDITION-STALE", Level: Warning, Sentence: "The conditions of an evaluator are about nodes " +
			"that it leads to.",
		Source: skill + ": the console ignores them, importers may not",
		Fix:    "open the evaluator in the console and save it, or remove the keys from the export",
	},
	{
		ID: "EXPORT-EDGE-LOST", Level: Warning, Sentence: "An edge connects nodes of the flow.",
		Source: public, Fix: "remove the edge from the export",
	},
	{
		ID: "EXPORT-REFERENCE-LOST", Level: Warning, Sentence: "A value that is read is that of a node of the flow.",
		Source: skill + ": the value is nothing, without an error",
		Fix:    "bind the property again, or clear it where the capability does not use it",
	},
	{
		ID: "EXPORT-FALSE-MISSING", Level: Warning,
		Sentence: "A node that can fail, and has ways out, has one for its failure.",
		Source:   skill + ": the flow waits, and answers 400 requestTimedOut",
		Fix:      "add a way with the condition \"any triggers false\"",
	},
	{
		ID: "EXPORT-OUTCOME-OPEN", Level: Warning, Sentence: "Every outcome of a node has a way.",
		Source: skill, Fix: "connect the outcome",
	},
	{
		ID: "EXPORT-FLOW-TRIGGER", Level: Error,
		Sentence: "A flow that ends as a PingOne flow has the trigger AUTHENTICATION.",
		Source:   launch, Fix: "make it a PingOne flow in its settings, or end it with a response for its caller",
	},
	{
		ID: "EXPORT-FLOW-END", Level: Error, Sentence: "A PingOne flow does not end with a response for the widget.",
		Source: launch,
		Fix:    "end it with Return Success Response (Redirect Flows) or Return Error Response (Redirect Flows)",
	},
	{
		ID: "EXPORT-SUBFLOW-PINGONE", Level: Error, Sentence: "A subflow is no PingOne flow.",
		Source: launch, Fix: "turn \"PingOne flow\" off in the settings of the subflow",
	},
	{
		ID: "EXPORT-SUBFLOW-CYCLE", Level: Warning, Sentence: "A flow does not call itself over its subflows.",
		Source: public, Fix: "end the subflow, and go on after the call",
	},
	{
		ID: "EXPORT-SUBFLOW-PINNED", Level: Warning, Sentence: "A subflow is called at its latest version.",
		Source: skill + ": an edit of the subflow never runs",
		Fix:    "choose the version \"latest\" in the node that calls it",
	},
	{
		ID: "EXPORT-SDK-MESSAGE", Level: Error, SDK: true, Sentence: "A screen for SDKs is a customHTMLTemplate " +
			"or a form.",
		Source: launch, Fix: "show the text with the capability customHTMLTemplate, and with a button",
	},
	{
		ID: "EXPORT-SDK-COMPONENT", Level: Error, SDK: true,
		Sentence: "A screen for SDKs has neither polling nor an identity provider with a picture.",
		Source:   launch, Fix: "use a form with a polling field, or a button of the identity provider without " +
			"a picture",
	},
	{
		ID: "EXPORT-SDK-FIRST-FACTOR", Level: Error, SDK: true,
		Sentence: "A flow for SDKs has no node loginFirstFactor.",
		Source:   launch, Fix: "ask for username and password on a screen, and check them with the PingOne connector",
	},
	{
		ID: "EXPORT-SDK-VALUE", Level: Error, SDK: true, Sentence: "Buttons and fields for SDKs have fixed " +
			"values and names.",
		Source: launch, Fix: "write the value into data-skbuttonvalue, and the name into the field",
	},
	{
		ID: "EXPORT-SDK-SUBMIT", Level: Warning, SDK: true,
		Sentence: "A screen for the web SDK has one submit button.",
		Source: "npm, @forgerock/davinci-client 2.1.1: next() sends the first submit button, whichever was pressed, " +
			"unless the app passes it a request",
		Fix: "let the app pass next() the request for this button, or leave out type=\"submit\" where the value is " +
			"not Continue, Submit, Proceed or Next",
	},
	{
		ID: "EXPORT-SDK-LIMIT", Level: Warning, SDK: true, Sentence: "The SDKs lose nothing of a screen.",
		Source: runtimes, Fix: "use a field that the SDK knows, or let the app answer it without the SDK",
	},
	{
		ID: "EXPORT-SDK-SCREEN", Level: Error, SDK: true, Sentence: "The SDKs can show every screen, and leave it.",
		Source: runtimes, Fix: "use a field that the SDK knows, or give the screen a button",
	},
}

// Rules returns every rule. The slice is the caller's.
func Rules() []Rule { return append([]Rule(nil), rules...) }

// Lookup returns the rule with an id, nil if there is none.
func Lookup(id string) *Rule {
	for i := range rules {
		if strings.EqualFold(rules[i].ID, id) {
			return &rules[i]
		}
	}
	return nil
}
