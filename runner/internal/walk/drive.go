package walk

import (
	"cmp"
	"context"
	"maps"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// AsClient makes a journey use the platform and the language of the client that sent a
// request.
func AsClient(c *flow.Config, start *davinci.Exchange) {
	c.Platform = cmp.Or(start.Header.Get("X-Requested-Platform"), c.Platform)
	language := start.Header.Get("Accept-Language")
	if language == "" {
		return
	}
	if c.Headers = maps.Clone(c.Headers); c.Headers == nil {
		c.Headers = map[string]string{}
	}
	c.Headers["Accept-Language"] = language
}

// Answer answers the open screen of a journey with the request of an exchange from
// [Journeys]. The error is that of the journey.
func Answer(ctx context.Context, j *flow.Journey, x *davinci.Exchange) error {
	if token := x.ContinueToken(); token != "" {
		_, providers := j.Screen().Provider("")
		first := strings.Join(providers[:min(1, len(providers))], "") // they have the same link
		if property, _ := davinci.NativeToken(x.Body); property != "" {
			_, err := j.ReturnNatively(ctx, first, property, token)
			return err
		}
		_, err := j.Return(ctx, first, token)
		return err
	}
	parameters := gjson.GetBytes(x.Body, "parameters")
	if parameters.Get("eventType").Str == "polling" {
		_, err := j.Poll(ctx)
		return err
	}
	var err error
	parameters.Get("data.formData").ForEach(func(key, value gjson.Result) bool {
		text := value.Raw
		if value.Type == gjson.String {
			text = value.Str
		}
		if j.Screen().Field(key.Str) != nil || text != "" {
			err = j.Fill(key.Str, text)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	action := parameters.Get("data.actionKey").Str
	if f := j.Screen().Field(action); f != nil && f.Type == "METADATA" {
		object := parameters.Get("data.formData." + gjson.Escape(action)).Raw
		_, err = j.Answer(ctx, action, cmp.Or(object, "{}"))
		return err
	}
	if action == "" && parameters.Get("eventType").Str == "action" {
		action = keyless(j.Screen())
	}
	switch {
	case action == "":
		_, err = j.Submit(ctx)
	case j.Screen().EndsPrompt(action):
		_, err = j.FailPasskey(ctx, action)
	default:
		_, err = j.Press(ctx, action)
	}
	return err
}

// keyless returns the label of the screen's button that has no key, or "".
func keyless(s *davinci.Screen) string {
	for i := range s.Fields {
		if f := &s.Fields[i]; f.IsButton() && f.Key == "" {
			return f.Label
		}
	}
	return ""
}
