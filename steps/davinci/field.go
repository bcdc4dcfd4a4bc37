package davinci

// A Value says what a field puts under its key in formData.
type Value uint8

// What fields post.
const (
	NoValue      Value = iota // a label, an image, a button: nothing
	StringValue               // "text"
	ArrayValue                // ["a","b"]
	BooleanValue              // true
	ObjectValue               // {"countryCode":"GB","phoneNumber":"7700900123"}
)

// A Button says what pressing a field does.
type Button uint8

// How a field is pressed.
const (
	NotButton    Button = iota
	SubmitButton        // eventType submit
	FlowButton          // eventType action
)

// A FieldType is one type of the entries of form.components.fields.
type FieldType struct {
	Name    string
	Value   Value
	Button  Button
	Secret  bool // what a person types into it is a secret
	Options bool // it takes one or more of its options
}

// LookupField returns what is known of a type. An unknown type is not an
// error: the service may know more than this table.
//
// Source: the field types that Ping's web and Android SDKs implement.
func LookupField(name string) (FieldType, bool) {
	f, ok := fieldTypes[name]
	f.Name = name
	return f, ok
}

var fieldTypes = map[string]FieldType{
	"TEXT":                  {Value: StringValue},
	"PASSWORD":              {Value: StringValue, Secret: true},
	"PASSWORD_VERIFY":       {Value: StringValue, Secret: true},
	"DROPDOWN":              {Value: StringValue, Options: true},
	"RADIO":                 {Value: StringValue, Options: true},
	"COMBOBOX":              {Value: ArrayValue, Options: true},
	"CHECKBOX":              {Value: ArrayValue, Options: true},
	"SINGLE_CHECKBOX":       {Value: BooleanValue},
	"PHONE_NUMBER":          {Value: ObjectValue},
	"DEVICE_REGISTRATION":   {Value: StringValue, Options: true},
	"DEVICE_AUTHENTICATION": {Value: ObjectValue, Options: true},
	"PROTECT":               {Value: StringValue},
	"FIDO2":                 {Value: ObjectValue},
	"POLLING":               {Value: StringValue},
	"METADATA":              {Value: ObjectValue},
	"SUBMIT_BUTTON":         {Button: SubmitButton},
	"FLOW_BUTTON":           {Button: FlowButton},
	"FLOW_LINK":             {Button: FlowButton},
	"LABEL":                 {},
	"ERROR_DISPLAY":         {},
	"QR_CODE":               {},
	"AGREEMENT":             {},
	"IMAGE":                 {},
	"SOCIAL_LOGIN_BUTTON":   {},
}
