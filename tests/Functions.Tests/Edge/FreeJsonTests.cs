using System.Text;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

/// <summary>JSON of the caller's own (settings, preferences): what is answered is what is stored, and its size is that of the text.</summary>
public sealed class FreeJsonTests
{
    [Theory]
    [InlineData("""{"a":[{"b~/c":1e400}]}""", "/settings/a/0/b~0~1c")]
    [InlineData("""{"a":-1e400}""", "/settings/a")]
    [InlineData("""{"a":{"b":9007199254740993}}""", "/settings/a/b")]
    [InlineData("""{"a":[1,2,0.1000000000000000055511151231257827]}""", "/settings/a/2")]
    public async Task A_number_that_no_double_keeps_is_refused_where_it_stands_and_nothing_is_left_of_the_request(string settings, string at)
    {
        var app = await App.Shared;
        var (email, slug) = (App.NewEmail(), "slug-" + Guid.NewGuid().ToString("N"));
        Refused(await app.Admin.Post("/api/customers", $$"""{"name":"Ada","email":"{{email}}","slug":"{{slug}}","settings":{{settings}}}"""));
        var customer = (await app.Admin.Post("/api/customers", new { name = "Ada", email, slug })).ShouldBe(201);

        var path = $"/api/customers/{customer["id"]}";
        Refused(await app.Admin.Put(path, $$"""{"name":"Ada","email":"{{email}}","settings":{{settings}}}""", "*"));
        Refused(await app.Admin.Patch(path, $$"""{"settings":{{settings}}}""", "*"));
        (await app.Admin.Get(path)).ETag.Should().Be(customer.ETag);

        void Refused(Answer answer) =>
            ((string?)answer.ShouldBeRefused(400, "invalid-request", at)["errors"]![0]!["code"]).Should().Be("not-a-double");
    }

    [Fact]
    public async Task The_same_holds_for_what_a_person_keeps()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        (await person.Api.Patch("/api/auth/me", """{"preferences":{"a":1e400}}""", "*")).ShouldBeRefused(400, "invalid-request", "/preferences/a");
        (await person.Api.Patch("/api/auth/me", """{"preferences":{"a":[9007199254740993]}}""", "*")).ShouldBeRefused(400, "invalid-request", "/preferences/a/0");
    }

    [Fact]
    public async Task What_is_answered_under_an_ETag_is_what_is_read_under_it()
    {
        var app = await App.Shared;
        const string settings = """{"a":1.0,"b":-0,"c":1e2,"d":9007199254740992,"e":0.1,"f":[1E+22,5e-324,1.7976931348623157e308],"g":"é\u00e9😀\ud83d\ude00","h":null,"i":true}""";
        var made = (await app.Admin.Post("/api/customers", $$"""{"name":"Ada","email":"{{App.NewEmail()}}","settings":{{settings}}}""")).ShouldBe(201);
        var read = (await app.Admin.Get($"/api/customers/{made["id"]}")).ShouldBe(200);
        read.ETag.Should().Be(made.ETag);
        read["settings"]!.ToJsonString().Should().Be(made["settings"]!.ToJsonString());
        made["settings"]!["a"]!.ToJsonString().Should().Be("1");
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("é", 2)]
    [InlineData("中", 3)]
    [InlineData("😀", 4)]
    [InlineData("\\\"", 2)]
    [InlineData("<", 1)]
    [InlineData("\\u0001", 6)]
    public async Task The_size_is_that_of_the_text_in_UTF_8(string character, int bytes)
    {
        var app = await App.Shared;
        var (customer, person) = (await app.CreateCustomer(), await Person.SignedUp(app));
        string Filled(int size) => $$"""{"a":"{{string.Concat(Enumerable.Repeat(character, (size - 8) / bytes))}}{{new string('x', (size - 8) % bytes)}}"}""";

        var path = $"/api/customers/{customer["id"]}";
        (await app.Admin.Patch(path, $$"""{"settings":{{Filled(32 * 1024)}}}""", "*")).ShouldBe(200);
        (await app.Admin.Patch(path, $$"""{"settings":{{Filled((32 * 1024) + 1)}}}""", "*")).ShouldBeRefused(400, "invalid-request", "/settings");
        (await person.Api.Patch("/api/auth/me", $$"""{"preferences":{{Filled(16 * 1024)}}}""", "*")).ShouldBe(200);
        (await person.Api.Patch("/api/auth/me", $$"""{"preferences":{{Filled((16 * 1024) + 1)}}}""", "*")).ShouldBeRefused(400, "invalid-request", "/preferences");
        Encoding.UTF8.GetByteCount(JsonNode.Parse((await app.Admin.Get(path)).Body)!["settings"]!["a"]!.ToString()).Should().BeLessThanOrEqualTo(32 * 1024);
    }
}
