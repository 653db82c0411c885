namespace CustomerFunctions.Tests.Customers;

public sealed class SearchOneCharacterTests
{
    [Theory]
    [InlineData("林", "林 {0}")]
    [InlineData("林", "林業 {0}")]
    [InlineData("𠮷", "𠮷野家 {0}")]
    [InlineData("김", "\u1100\u1175\u11b7 {0}")]
    public async Task A_word_of_one_Chinese_Japanese_or_Korean_character_finds(string query, string name)
    {
        var app = await App.Shared;
        var mark = "m" + Guid.NewGuid().ToString("N")[..12];
        var customer = await app.CreateCustomer(name: name.Replace("{0}", mark, StringComparison.Ordinal));

        var found = (await app.Admin.Get($"/api/customers?q={Uri.EscapeDataString($"{query} {mark}")}")).ShouldBe(200)["value"]!.AsArray();
        (await app.Admin.Get($"/api/customers?q={Uri.EscapeDataString(query)}")).ShouldBe(200);

        found.Select(one => (string?)one!["id"]).Should().Equal((string?)customer["id"]);
    }
}
