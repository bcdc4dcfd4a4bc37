@forms
Feature: PingOne Forms
  Forms bring fields that a plain sign-on screen does not have. Each is filled
  in with what a person would choose, and posted as the service expects it.

  Background:
    Given the flow "forms"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Account Form"

  @smoke
  Scenario: Alice fills in every form and makes a passkey
    Then the form has the fields:
      | key                    | type                | label                            |
      | terms-link             | LABEL               | Read the terms before you go on. |
      |                        | ERROR_DISPLAY       |                                  |
      | user.username          | TEXT                | Username                         |
      | user.email             | TEXT                | Email                            |
      | user.temporaryPassword | PASSWORD            | Temporary Password               |
      | user.password          | PASSWORD_VERIFY     | New Password                     |
      | submit                 | SUBMIT_BUTTON       | Continue                         |
      | social-login           | SOCIAL_LOGIN_BUTTON | Continue with Google             |
    And "form.description" is "Claim an account that was made for you"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key                    | value               |
      | user.username          | ${user.username}    |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    Then the flow pauses at "Preferences Form"
    And the field "user.preferredLanguage" is required
    And the field "contact.channel" is required
    And the field "contact.topics" is optional
    And the field "contact.topics" has the options:
      | label    | value    |
      | Releases | releases |
      | Security | security |
      | Events   | events   |
    And the field "contact.days" is optional
    And the field "contact.days" has the options:
      | label     | value |
      | Monday    | mon   |
      | Wednesday | wed   |
      | Friday    | fri   |
    And the field "user.primaryPhone" is required
    And the field "user.acceptedTerms" is required
    And the form has the fields:
      | key                    | type            | label                 |
      |                        | ERROR_DISPLAY   |                       |
      | user.preferredLanguage | DROPDOWN        | Language              |
      | contact.channel        | RADIO           | How may we reach you? |
      | contact.topics         | COMBOBOX        | Topics                |
      | contact.days           | CHECKBOX        | Days                  |
      | user.primaryPhone      | PHONE_NUMBER    | Phone                 |
      | user.acceptedTerms     | SINGLE_CHECKBOX | I accept the terms    |
      | riskSignals            | PROTECT         |                       |
      | submit                 | SUBMIT_BUTTON   | Save                  |
      | BACK                   | FLOW_LINK       | Back                  |
    And "form.description" is "Ask how we may write to you"
    And the field "contact.channel" has the value ""
    And the field "user.acceptedTerms" has the value ""
    And the response matches the schema "../schemas/screen.json"
    When I fill in:
      | key                    | value                                           |
      | user.preferredLanguage | Deutsch                                         |
      | contact.channel        | email                                           |
      | contact.topics         | ["releases", "security"]                        |
      | contact.days           | mon, fri                                        |
      | user.primaryPhone      | {"countryCode": "US", "phoneNumber": "5550100"} |
      | user.acceptedTerms     | true                                            |
      | riskSignals            | signals-of-this-browser                         |
    And I press "Save"
    Then the flow pauses at "Device Form"
    When I submit the form with:
      | key                | value |
      | deviceRegistration | Email |
    Then the flow pauses at "Passkey Form"
    When I submit the form with:
      | key     | value                                                      |
      | passkey | {"attestationValue": {"id": "AQID", "type": "public-key"}} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: The account form
    Then the capability is "customForm"
    And the form has the fields:
      | key                    | type                | required |
      | terms-link             | LABEL               | false    |
      |                        | ERROR_DISPLAY       | false    |
      | user.username          | TEXT                | true     |
      | user.email             | TEXT                | true     |
      | user.temporaryPassword | PASSWORD            | true     |
      | user.password          | PASSWORD_VERIFY     | true     |
      | submit                 | SUBMIT_BUTTON       | false    |
      | social-login           | SOCIAL_LOGIN_BUTTON | false    |
    And "form.components.fields.#(key==user.username).validation.regex" is a string
    And "form.components.fields.#(type==SOCIAL_LOGIN_BUTTON).idpType" is "GOOGLE"

  Scenario: Empty fields are refused, each by its name
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
    Then the response status is 400
    And the flow reports an error with code "validationError"
    And the flow reports "Some required fields are empty"
    And the response has:
      | path                                   | value                                                     |
      | details.0.rawResponse.details.#.target | ["user.email", "user.temporaryPassword", "user.password"] |
      | details.0.rawResponse.details.0.code   | REQUIRED_VALUE                                            |
    And the form offers "user.email"

  Scenario: What is filled in stays filled in after a refusal
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
    Then the flow reports "Some required fields are empty"
    When I submit the form with:
      | key                    | value               |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    Then the flow pauses at "Preferences Form"

  Scenario: The preferences form and its options
    When I submit the form with:
      | key                    | value               |
      | user.username          | ${user.username}    |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    Then the form has the fields:
      | key                    | type            |
      |                        | ERROR_DISPLAY   |
      | user.preferredLanguage | DROPDOWN        |
      | contact.channel        | RADIO           |
      | contact.topics         | COMBOBOX        |
      | contact.days           | CHECKBOX        |
      | user.primaryPhone      | PHONE_NUMBER    |
      | user.acceptedTerms     | SINGLE_CHECKBOX |
      | riskSignals            | PROTECT         |
      | submit                 | SUBMIT_BUTTON   |
      | BACK                   | FLOW_LINK       |
    And the response has:
      | path                                                                  | value              |
      | formData.value.user\.preferredLanguage                                | en                 |
      | formData.value.contact\.days                                          | ["mon"]            |
      | form.components.fields.#(key==user.preferredLanguage).options.#.value | ["en", "de", "fr"] |
      | form.components.fields.#(key==user.primaryPhone).defaultCountryCode   | US                 |

  Scenario: What the form proposes is sent along
    When I submit the form with:
      | key                    | value               |
      | user.username          | ${user.username}    |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    Then the flow pauses at "Preferences Form"
    When I submit the form with:
      | key                | value                                           |
      | contact.channel    | By phone                                        |
      | user.primaryPhone  | {"countryCode": "US", "phoneNumber": "5550100"} |
      | user.acceptedTerms | true                                            |
      | riskSignals        | signals-of-this-browser                         |
    Then the flow pauses at "Device Form"

  Scenario: Without the terms it does not go on
    When I submit the form with:
      | key                    | value               |
      | user.username          | ${user.username}    |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    Then the flow pauses at "Preferences Form"
    When I submit the form with:
      | key                    | value                                           |
      | user.preferredLanguage | de                                              |
      | contact.channel        | email                                           |
      | contact.topics         | releases, security                              |
      | contact.days           | mon, fri                                        |
      | user.primaryPhone      | {"countryCode": "US", "phoneNumber": "5550100"} |
      | user.acceptedTerms     | false                                           |
      | riskSignals            | signals-of-this-browser                         |
    Then the flow reports "Accept the terms to go on"
    And the flow reports an error with code "validationError"
    When I fill in "user.acceptedTerms" with "true"
    And I press "Save"
    Then the flow pauses at "Device Form"

  Scenario: A link leads back
    When I submit the form with:
      | key                    | value               |
      | user.username          | ${user.username}    |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    Then the flow pauses at "Preferences Form"
    When I press "Back"
    Then the flow pauses at "Account Form"
