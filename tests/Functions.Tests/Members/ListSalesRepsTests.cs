namespace CustomerFunctions.Tests.Members;

public sealed class ListSalesRepsTests
{
    [Fact]
    public async Task Staff_list_who_sees_a_customer_and_its_people_do_not()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        (await app.Admin.Get($"{customer}/sales-reps")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
        var rep = await Person.Staff(app, "sales_rep");
        (await app.Admin.Put($"{customer}/sales-reps/{await rep.Id()}", "{}")).ShouldBe(201);

        (await app.Admin.Get($"{customer}/sales-reps")).ShouldBe(200)["value"]!.AsArray().Select(entry => (string)entry!["accountId"]!).Should().Equal(await rep.Id());
        (await owner.Api.Get($"{customer}/sales-reps")).ShouldBeRefused(403, "forbidden");
    }
}
