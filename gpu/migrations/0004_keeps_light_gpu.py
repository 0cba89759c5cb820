from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gpu', '0003_worker_gpu'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='gpuprobe',
            options={'ordering': ['-created', '-id'], 'permissions': [('probe_gpu', 'Can probe GPUs')], 'verbose_name': 'GPU probe'},
        ),
        migrations.AddField(
            model_name='systemsettings',
            name='keeps_light_gpu',
            field=models.BooleanField(default=True, help_text='With two GPUs or more: the smallest one takes no heavy work, so thumbnails never wait. Off: every GPU takes everything. A GPU whose queue is called asset_pipeline_light stays the light one.', verbose_name='keep a GPU for light work'),
        ),
    ]
