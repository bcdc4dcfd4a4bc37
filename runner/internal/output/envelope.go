package output

import (
	ast "github.com/cucumber/messages/go/v34"
	messages "github.com/cucumber/messages/go/v34"
)

// An envelope is one line of the stream. The types are those of the newest Go
// module of Cucumber Messages that is served; where the schema has more since
// then, a type here adds it. What the Gherkin parser makes has the parser's types.
type envelope struct {
	Attachment      *messages.Attachment     `json:"attachment,omitempty"`
	GherkinDocument *ast.GherkinDocument     `json:"gherkinDocument,omitempty"`
	Meta            *messages.Meta           `json:"meta,omitempty"`
	Pickle          *locatedPickle           `json:"pickle,omitempty"`
	Source          *messages.Source         `json:"source,omitempty"`
	StepDefinition  *messages.StepDefinition `json:"stepDefinition,omitempty"`
	TestRunFinished *testRunFinished         `json:"testRunFinished,omitempty"`
	TestRunStarted  *testRunStarted          `json:"testRunStarted,omitempty"`
}

// A locatedPickle says where its scenario or its row of examples stands.
type locatedPickle struct {
	*ast.Pickle

	Location *messages.Location `json:"location,omitempty"`
}

type testRunStarted struct {
	*messages.TestRunStarted

	ID string `json:"id"`
}

type testRunFinished struct {
	*messages.TestRunFinished

	TestRunStartedID string `json:"testRunStartedId"`
}
