@mfa
Feature: Sign on with a second factor
  After the password alice confirms the sign-on, with a passcode, on her phone or by a link.

  Background:
    Given the flow "mfa"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow pauses at "Choose a Device"

  @smoke
  Scenario: Alice confirms with a passcode by email
    When I submit the form with:
      | key    | value |
      | device | EMAIL |
    Then the flow pauses at "One-Time Passcode Form"
    And the form has the fields:
      | key    | type          | label                 |
      | otp    | TEXT          | Passcode              |
      | VERIFY | SUBMIT_BUTTON | Verify                |
      | RESEND | FLOW_BUTTON   | Send a new passcode   |
      | LINK   | FLOW_BUTTON   | Send a link instead   |
      | CANCEL | FLOW_BUTTON   | Choose another device |
    And "form.description" is "Enter the passcode that was sent to your device"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key | value       |
      | otp | ${user.otp} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"

  @smoke @totp
  Scenario: Alice confirms with the code of her authenticator app
    When I submit the form with:
      | key    | value             |
      | device | Authenticator app |
    Then the flow pauses at "Authenticator Form"
    And the form has the fields:
      | key    | type          | label                 |
      | otp    | TEXT          | Passcode              |
      | VERIFY | SUBMIT_BUTTON | Verify                |
      | CANCEL | FLOW_BUTTON   | Choose another device |
    And "form.description" is "Enter the code that your authenticator app shows"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key | value   |
      | otp | no code |
    Then the flow reports "Invalid passcode"
    And the flow reports an error with code "Invalid passcode"
    When I submit the form with:
      | key | value        |
      | otp | ${user.totp} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: The devices that alice may choose from
    Then the capability is "customForm"
    And the form has the fields:
      | key          | type                  |
      | device-intro | LABEL                 |
      | device       | DEVICE_AUTHENTICATION |
    And the response has:
      | path                                                                | value             |
      | form.components.fields.#(key==device).options.#                     | 7                 |
      | form.components.fields.#(key==device).options.#(default==true).type | EMAIL             |
      | form.components.fields.#(key==device).options.0.description         | a***@example.com  |
      | form.components.fields.#(key==device).options.2.title               | Push notification |

  Scenario Outline: <device> is answered with "<screen>"
    When I fill in "device" with "<device>"
    And I submit the form
    Then the flow pauses at "<screen>"
    And the response matches the schema "../schemas/screen.json"

    Examples:
      | device            | screen                 |
      | EMAIL             | One-Time Passcode Form |
      | Text message      | One-Time Passcode Form |
      | Push notification | Approve on Your Phone  |

  Scenario: A wrong passcode is refused, and the right one taken
    When I submit the form with:
      | key    | value |
      | device | SMS   |
    Then the flow pauses at "One-Time Passcode Form"
    When I submit the form with:
      | key | value  |
      | otp | 000000 |
    Then the flow reports "Invalid passcode"
    And "connectorId" is "pingOneMfaConnector"
    When I submit the form with:
      | key | value       |
      | otp | ${user.otp} |
    Then the flow completes

  Scenario: A new passcode can be sent
    When I submit the form with:
      | key    | value |
      | device | EMAIL |
    Then the flow pauses at "One-Time Passcode Form"
    When I press "RESEND"
    Then the flow pauses at "One-Time Passcode Form"
    When I submit the form with:
      | key | value       |
      | otp | ${user.otp} |
    Then the flow completes

  @smoke @polling
  Scenario: Alice approves on her phone
    When I submit the form with:
      | key    | value  |
      | device | MOBILE |
    Then the flow pauses at "Approve on Your Phone"
    And the form has the fields:
      | key        | type        | label                                 |
      | push-intro | LABEL       | We sent a notification to your phone. |
      | poll       | POLLING     |                                       |
      | CANCEL     | FLOW_BUTTON | Choose another device                 |
    And "form.description" is "Wait for the answer to a push notification"
    And the response matches the schema "../schemas/screen.json"
    When the screen polls until it moves on
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  @polling
  Scenario: The screen waits until alice has approved
    When I submit the form with:
      | key    | value  |
      | device | MOBILE |
    Then the flow pauses at "Approve on Your Phone"
    And "form.components.fields.#(type==POLLING).pollRetries" is 60
    When the screen polls
    Then the flow waits
    And "eventName" is "rewindStateToLastRenderedUI"
    And "interactionId" is present
    And "id" is present
    And "success" is present
    When the screen polls
    Then the flow waits
    When the screen polls
    Then the flow completes

  @polling
  Scenario: Alice has not got her phone and chooses another device
    When I submit the form with:
      | key    | value  |
      | device | MOBILE |
    Then the flow pauses at "Approve on Your Phone"
    When the screen polls
    Then the flow waits
    When I press "Choose another device"
    Then the flow pauses at "Choose a Device"
    When I submit the form with:
      | key    | value |
      | device | EMAIL |
    Then the flow pauses at "One-Time Passcode Form"

  @polling
  Scenario: Alice rejects the sign-on on her tablet
    When I submit the form with:
      | key    | value          |
      | device | Push to tablet |
    Then the flow pauses at "Approve on Your Tablet"
    And the form has the fields:
      | key          | type        | label                                  |
      | tablet-intro | LABEL       | We sent a notification to your tablet. |
      | poll         | POLLING     |                                        |
      | CANCEL       | FLOW_BUTTON | Choose another device                  |
    And "form.description" is "Wait for the answer to a challenge"
    And the response matches the schema "../schemas/screen.json"
    When the screen polls
    Then the flow reports "The sign-on was rejected"
    And the flow reports an error with code "rejected"
    When I press "Choose another device"
    Then the flow pauses at "Choose a Device"

  @polling
  Scenario Outline: A challenge on the <device> ends without an answer
    When I submit the form with:
      | key    | value            |
      | device | Push to <device> |
    Then the flow pauses at "<screen>"
    And the form has the fields:
      | key            | type        | label                                    |
      | <device>-intro | LABEL       | We sent a notification to your <device>. |
      | poll           | POLLING     |                                          |
      | CANCEL         | FLOW_BUTTON | Choose another device                    |
    And "form.description" is "Wait for the answer to a challenge"
    And the response matches the schema "../schemas/screen.json"
    When the screen polls until it moves on
    Then the flow pauses at "Choose a Device"

    Examples: It expires, and is not answered in time
      | device | screen                 |
      | watch  | Approve on Your Watch  |
      | laptop | Approve on Your Laptop |

  @smoke @polling
  Scenario: Alice follows the link in her email
    When I submit the form with:
      | key    | value |
      | device | EMAIL |
    Then the flow pauses at "One-Time Passcode Form"
    When I press "Send a link instead"
    Then the flow pauses at "Check Your Email"
    And "form.components.fields.#(type==POLLING).pollChallengeStatus" is true
    And the form has the fields:
      | key        | type        | label                              |
      | link-intro | LABEL       | We sent you a message with a link. |
      | poll       | POLLING     |                                    |
      | CANCEL     | FLOW_BUTTON | Choose another device              |
    And "form.description" is "Wait until the link in the message was followed"
    And the response matches the schema "../schemas/screen.json"
    When the screen polls
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  @polling
  Scenario: Alice has the link and chooses another device
    When I submit the form with:
      | key    | value |
      | device | EMAIL |
    And I press "LINK"
    Then the flow pauses at "Check Your Email"
    When I press "CANCEL"
    Then the flow pauses at "Choose a Device"
