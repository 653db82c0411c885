using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Tests.Customers;

public sealed class CustomerFieldsTests
{
    private static readonly string A64 = new('a', 64);

    /// <summary>Each field at its bounds: the value as JSON, and the code of the refusal or null.</summary>
    public static TheoryData<string, string, string?> Bounds => new()
    {
        { "name", Text(1), null },
        { "name", Text(120), null },
        { "name", Text(121), "too-long" },
        { "name", "\"\"", "empty" },
        { "name", "\"  \"", "empty" },
        { "name", "\"a\\u0000b\"", "control-character" },
        { "name", "\"a\\nb\"", "control-character" },
        { "name", "\"\\ud83d\\ude00\"", null },
        { "name", "null", "required" },
        { "email", "null", "required" },
        { "email", "\"\"", "empty" },
        { "email", "\"ada\"", "malformed-email" },
        { "email", "\"ada@localhost\"", "malformed-email" },
        { "email", "\"ada@@example.com\"", "malformed-email" },
        { "email", "\"a da@example.com\"", "malformed-email" },
        { "email", "\"ada@example.com\\u0000\"", "malformed-email" },
        { "email", "\"ada@-example.com\"", "malformed-email" },
        { "email", "\"ada@example..com\"", "malformed-email" },
        { "email", "\"a+tag/x@example.com\"", null },
        { "email", $"\"{A64}@example.com\"", null },
        { "email", $"\"{A64}a@example.com\"", "malformed-email" },
        { "email", $"\"{A64}@{Labels(189)}\"", null },
        { "email", $"\"{A64}@{Labels(190)}\"", "too-long" },
        { "slug", "\"abc\"", null },
        { "slug", "\"ab\"", "malformed" },
        { "slug", Text(60), null },
        { "slug", Text(61), "malformed" },
        { "slug", "\"a--b\"", "malformed" },
        { "slug", "\"-ab\"", "malformed" },
        { "slug", "\"ab-\"", "malformed" },
        { "slug", "\"Abc\"", "malformed" },
        { "slug", "\"abc\\n\"", "malformed" },
        { "description", Text(2000), null },
        { "description", Text(2001), "too-long" },
        { "description", "\"a\\r\\n\\tb\"", null },
        { "description", "\"a\\u0007\"", "control-character" },
        { "companyName", Text(200), null },
        { "companyName", Text(201), "too-long" },
        { "phone", "\"+12345\"", null },
        { "phone", "\"+123456789012345\"", null },
        { "phone", "\"+1234567890123456\"", "malformed" },
        { "phone", "\"+0123456\"", "malformed" },
        { "phone", "\"030 123\"", "malformed" },
        { "phone", "\"+12345\\n\"", "malformed" },
        { "logoUrl", "\"https://example.com/a.png\"", null },
        { "logoUrl", "\"http://example.com/a.png\"", "malformed-url" },
        { "logoUrl", "\"javascript:alert(1)\"", "malformed-url" },
        { "logoUrl", "\"/a.png\"", "malformed-url" },
        { "githubOrg", "\"a-b\"", null },
        { "githubOrg", "\"a--b\"", "malformed" },
        { "githubOrg", Text(40), "malformed" },
        { "settings", $"{{\"a\":\"{new string('x', (32 * 1024) - 8)}\"}}", null },
        { "settings", $"{{\"a\":\"{new string('x', (32 * 1024) - 7)}\"}}", "too-long" },
        { "metadata", Entries(50), null },
        { "metadata", Entries(51), "too-many" },
        { "metadata", "{\"\":\"a\"}", "malformed" },
        { "metadata", $"{{{Text(40)}:\"a\"}}", null },
        { "metadata", $"{{{Text(41)}:\"a\"}}", "malformed" },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Each_field_is_taken_up_to_its_bound(string field, string value, string? code)
    {
        var problem = Fields(field, value).Check();

        (problem?.Errors?.Single().Code).Should().Be(code);
        (problem?.Errors?.Single().Pointer).Should().Be(code is null ? null : "/" + field);
    }

    [Theory]
    [InlineData("address", """{"country":"Germany"}""", "/address/country")]
    [InlineData("address", """{"country":"de"}""", "/address/country")]
    [InlineData("address", """{"line1":""}""", "/address/line1")]
    [InlineData("contacts", """{"billing":{"email":"nobody"}}""", "/contacts/billing/email")]
    [InlineData("contacts", """{"technical":{"name":" "}}""", "/contacts/technical/name")]
    [InlineData("metadata", """{"a/b~c":null}""", "/metadata/a~1b~0c")]
    public void A_refusal_points_into_the_object(string field, string value, string place) =>
        Fields(field, value).Check()!.Errors!.Single().Pointer.Should().Be(place);

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once() =>
        new CustomerFields(Name: "", Email: "x", Phone: "1", Address: new PostalAddress(Country: "x")).Check()!.Errors!.Select(error => error.Pointer)
            .Should().Equal("/name", "/email", "/phone", "/address/country");

    private static CustomerFields Fields(string field, string value)
    {
        var body = new JsonObject { ["name"] = "Ada", ["email"] = "ada@example.com" };
        body[field] = JsonNode.Parse(value);
        return body.Deserialize(ApiJson.Default.CustomerFields)!;
    }

    private static string Text(int length) => $"\"{new string('a', length)}\"";

    /// <summary>A domain of so many characters, in labels of at most 63.</summary>
    private static string Labels(int length)
    {
        var domain = string.Concat(Enumerable.Repeat(new string('d', 59) + ".", 3));
        return domain + new string('e', length - domain.Length);
    }

    private static string Entries(int count) => "{" + string.Join(",", Enumerable.Range(0, count).Select(i => $"\"k{i}\":\"v\"")) + "}";
}
