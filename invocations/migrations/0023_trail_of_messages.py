from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invocations", "0022_http_status")]

    operations = [
        migrations.AddField("account", "records_messages", models.BooleanField(default=False)),
        migrations.AddField("trailevent", "is_data", models.BooleanField(default=False)),
    ]
